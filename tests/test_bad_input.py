"""Bad input from the table to the written answers; `test_table` and `test_images` have each room's own part."""

import contextlib
import csv
import json
import os
import socket
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from small_photos import photo

from feelscope.errors import FeelscopeError, ModelError, TableError
from feelscope.evaluate.evaluate import evaluate
from feelscope.explore.index.build import build
from feelscope.post import Post
from feelscope.predict import predict_table
from feelscope.prepare.dataset import prepare
from feelscope.prepare.pictures import Pictures
from feelscope.prepare.settings import Settings
from feelscope.saved_model.classifier import EmotionClassifier
from feelscope.table import PostsTable, Quarantine

HEADER = ("id", "text", "image", "emotion")


@pytest.fixture(scope="module")
def classifier() -> EmotionClassifier:
    return EmotionClassifier.load(workers=2, skip_pictures=1)


def write_table(folder: Path, *rows: Sequence[str], header: Sequence[str] = HEADER) -> Path:
    path = folder / "posts.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def predicted(
    classifier: EmotionClassifier, path: Path
) -> tuple[dict[str, dict[str, Any]], list[tuple[str | None, str]]]:
    """Rows by id, and (id, reason) of what went to the quarantine."""
    out, bad = path.with_name("predictions.jsonl"), path.with_name("quarantine.jsonl")
    with Quarantine(bad, most_broken=1.0) as quarantine:
        predict_table(classifier, PostsTable(path, quarantine=quarantine), out)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    refused = [json.loads(line) for line in bad.read_text(encoding="utf-8").splitlines()] if bad.exists() else []
    assert quarantine.count == len(refused)
    assert not list(path.parent.glob("*.partial"))
    return {row["id"]: row for row in rows}, [(row["id"], row["reason"]) for row in refused]


def giant_png(path: Path) -> Path:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1 + 50_000 * 3) * 20)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    return path


def text_named_jpg(path: Path) -> Path:
    path.write_text("Dear diary, no picture today.")
    return path


def missing(path: Path) -> Path:
    return path


BAD_PICTURES = {
    "missing": (missing, "no such file"),
    "text named jpg": (text_named_jpg, "expected a picture (JPEG, PNG, WEBP, GIF, BMP, AVIF, HEIC)"),
    "giant": (giant_png, "50000 x 50000 pixels, over 50 million"),
}


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_a_bad_picture_costs_only_itself(classifier: EmotionClassifier, tmp_path: Path, name: str) -> None:
    make, why = BAD_PICTURES[name]
    bad = make(tmp_path / "bad.jpg")
    photo((30, 20)).save(tmp_path / "good.png")
    rows = [("1", "I am so happy", "good.png", ""), ("2", "I am so happy", "bad.jpg", "")]
    rows += [("3", "", "bad.jpg", ""), ("4", "", "good.png", "")]
    found, refused = predicted(classifier, write_table(tmp_path, *rows))
    assert list(found) == ["1", "2", "4"]  # in the table's order
    assert found["2"]["modalities"] == ["text"]
    (warning,) = found["2"]["warnings"]
    assert warning.startswith(f"the picture was not used: {bad}: {why}") and "\n" not in warning
    assert found["1"]["modalities"] == ["text", "image"] and found["4"]["warnings"] == []
    ((id, reason),) = refused
    assert id == "3" and reason.startswith("nothing could be read: ") and str(bad) in reason and "\n" not in reason


def test_bad_rows_among_good_ones(classifier: EmotionClassifier, tmp_path: Path) -> None:
    (tmp_path / "table").mkdir()
    Image.new("RGB", (30, 20), "gold").save(tmp_path / "outside.png")
    rows = [
        ("1", "I am so happy", "", ""),
        ("1", "the same id", "", ""),
        ("2", "a NUL \0 byte", "", ""),
        ("3", "over the fence", "../outside.png", ""),
        ("4", "over the fence", str(tmp_path / "outside.png"), ""),
        ("5", "", "", ""),
        ("6", "happy day " * 100_000, "", ""),
    ]
    found, refused = predicted(classifier, write_table(tmp_path / "table", *rows))
    assert list(found) == ["1", "3", "4", "6"]
    for id, words in (("3", "leaves the table's folder"), ("4", "absolute")):
        assert found[id]["modalities"] == ["text"] and words in found[id]["warnings"][0]
    (warning,) = found["6"]["warnings"]
    assert warning.startswith("only the first ")
    assert [id for id, _ in refused] == ["1", "2", "5"]
    for (_, reason), words in zip(refused, ("duplicate id", "NUL byte", "neither text"), strict=True):
        assert words in reason and "\n" not in reason


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes as files here")
def test_what_has_the_name_of_a_picture_costs_only_itself(classifier: EmotionClassifier, tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    with socket.socket(socket.AF_UNIX) as bound, contextlib.chdir(tmp_path):
        bound.bind("socket.png")
    header = struct.pack(">IIBBBBB", 4, 4, 8, 3, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(20))), (b"IEND", b"")]
    chunks = [struct.pack(">I", len(b)) + a + b + struct.pack(">I", zlib.crc32(a + b)) for a, b in parts]
    (tmp_path / "palette.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    size = (5999 | 5999 << 14).to_bytes(4, "little")
    (tmp_path / "claims.webp").write_bytes(b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f" + size + bytes(9))
    said = {
        "folder.png": "directory",
        "pipe.png": "not a regular file",
        "socket.png": "cannot be read",
        "palette.png": "no palette",
        "claims.webp": "needs",
        "x" * 256 + ".png": "too long",
        "y/" * 200 + "x.png": "no such file",
    }
    path = write_table(
        tmp_path, *((str(number), "What a day for all of us", name, "joy") for number, name in enumerate(said))
    )
    found, left_out = predicted(classifier, path)
    assert not left_out and len(found) == len(said)
    for row, words in zip(found.values(), said.values(), strict=True):
        (warning,) = row["warnings"]
        assert words in warning.lower() and row["modalities"] == ["text"]
    with Quarantine(tmp_path / "bad.jsonl") as quarantine:
        build(PostsTable(path, quarantine=quarantine), tmp_path / "archive")
        assert quarantine.count == len(said)
    album = Pictures(tmp_path / "dataset")
    report = prepare(PostsTable(path), tmp_path / "dataset", Settings("column", "seven"), pictures=album)
    assert report.kept == len(said) and sum(album.counts.values()) == len(said)
    assert not any("stored" in outcome for outcome in album.counts)


def test_every_row_bad(classifier: EmotionClassifier, tmp_path: Path) -> None:
    found, refused = predicted(classifier, write_table(tmp_path, ("1", "", "none.png", ""), ("2", "", "", "")))
    assert found == {} and len(refused) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "empty"), ("id,text\n", "no rows"), ("id,mood\n1,good\n", "text")],
    ids=["empty", "header only", "neither text nor image"],
)
def test_a_table_that_is_none_leaves_no_file(
    classifier: EmotionClassifier, tmp_path: Path, content: str, words: str
) -> None:
    path = tmp_path / "posts.csv"
    path.write_text(content)
    with pytest.raises(TableError) as caught:
        predicted(classifier, path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and words in message and "\n" not in message
    assert list(tmp_path.iterdir()) == [path]


def test_a_label_the_model_does_not_know(classifier: EmotionClassifier, tmp_path: Path) -> None:
    path = write_table(tmp_path, ("7", "I am so happy", "", "happiness"), ("8", "Three deer", "", "awe"))
    with pytest.raises(ModelError) as caught:
        evaluate(classifier, PostsTable(path, need=("emotion",)))
    message = str(caught.value)
    assert "'awe'" in message and "'8'" in message and classifier.name in message and "happiness" in message
    assert "rename the label" in message and "\n" not in message


def test_an_altered_model_answers_nothing(classifier: EmotionClassifier, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    classifier.save(folder)
    network = folder / "fusion.onnx"
    data = bytearray(network.read_bytes())
    data[-1] ^= 1
    network.write_bytes(data)
    with pytest.raises(ModelError) as caught:
        EmotionClassifier.load(folder)
    assert str(caught.value).startswith(f"{network}: this file was altered") and "\n" not in str(caught.value)


# The same through the library, where no table stands before the classifier


@pytest.mark.parametrize(
    "text", ["a NUL \0 byte", "\0", "\ufeff", "\ufe0f", "\u200b", "\x1b[31m", "\U0010ffff", "\n" * 9]
)
def test_odd_characters_are_read_or_refused_politely(classifier: EmotionClassifier, text: str) -> None:
    for post in (Post("1", text), Post("1", "and", title=text)):
        (prediction,) = classifier.predict([post])
        assert (prediction.emotion is None) == (not prediction.modalities)
        assert prediction.emotion is not None or prediction.warnings


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_bytes_that_are_no_picture(classifier: EmotionClassifier, data: bytes) -> None:
    (prediction,) = classifier.predict([Post("1", "I am so happy", image=data)])
    assert prediction.modalities == ("text",)
    (warning,) = prediction.warnings
    assert warning.startswith("the picture was not used: ") and "\n" not in warning


@pytest.mark.parametrize("model", ["", "no/such/run", "builtin.onnx", "nul\0byte", "x" * 5000])
def test_no_such_model(model: str) -> None:
    with pytest.raises(FeelscopeError) as caught:
        EmotionClassifier.load(model)
    assert isinstance(caught.value, ModelError) and "\n" not in str(caught.value)
