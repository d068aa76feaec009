"""Words read out of small drawn pictures, by the networks themselves."""

import io
import socket
import sys
import threading
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from feelscope import EmotionClassifier, Post
from feelscope.cli.explained import explained
from feelscope.errors import ConfigError, FeelscopeError, MissingExtra, ModelError, PictureError
from feelscope.explain.page import html
from feelscope.explain.post import Settings
from feelscope.explain.record import record
from feelscope.image_text import lines
from feelscope.image_text.lines import LineReader
from feelscope.image_text.read import PictureWords, with_words
from feelscope.memory import BUDGET, LEAST_MEGABYTES, MEGABYTES
from feelscope.predict import predict_table
from feelscope.table import PostsTable

SAD = "I miss my grandad every single day"


def drawn(*rows: str, size: tuple[int, int] = (420, 160), ink: str = "black", paper: str = "white") -> bytes:
    """A PNG with rows of words, in the font that Pillow brings along."""
    picture = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(picture)
    for number, row in enumerate(rows):
        draw.text((12, 12 + 36 * number), row, ink, font=ImageFont.load_default(22))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def reader() -> PictureWords:
    return PictureWords()


@pytest.fixture(scope="module")
def classifier() -> EmotionClassifier:
    return EmotionClassifier.load(read_pictures=True, workers=2, skip_pictures=1)


def test_words_are_read_as_they_are_drawn(reader: PictureWords) -> None:
    assert reader.read(drawn("The bus leaves at noon", "and I am not on it")) == (
        "The bus leaves at noon and I am not on it"
    )
    assert reader.read(drawn("NOBODY TOLD ME THIS", ink="white", paper="#204060")) == "nobody told me this"


def test_a_picture_without_words_has_none(reader: PictureWords) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    for picture in (
        Image.new("RGB", (64, 48), "gold"),
        Image.fromarray(noise),
        Image.new("RGB", (1, 1)),
        Image.new("L", (900, 3)),
    ):
        file = io.BytesIO()
        picture.save(file, "PNG")
        assert reader.read(file.getvalue()) == ""


def test_a_tall_screenshot_is_read_in_pieces_and_no_line_twice(reader: PictureWords) -> None:
    rows = [f"row {'abcdefghijklmnopqrstuvwxyz'[number]} is here" for number in range(26)]
    found = reader.read(drawn(*rows, size=(300, 960)))
    assert found.split(" row ") == [rows[0], *(row.removeprefix("row ") for row in rows[1:])]


def test_pieces_are_a_picture_without_gaps() -> None:
    for height, width in ((100, 100), (200, 100), (201, 100), (5000, 10), (7, 7), (1, 900)):
        pieces = [*lines._pieces(height, width)]
        assert [start for start, _ in pieces] == [0, *(end for _, end in pieces[:-1])]
        assert pieces[-1][1] == height
        assert (len(pieces) > 1) == (height > 2 * width)


def test_threads_read_the_same_as_one(reader: PictureWords) -> None:
    pictures = [drawn("one two three four", "five"), drawn("nothing to add here")] * 2
    found: dict[int, str] = {}

    def read(number: int) -> None:
        found[number] = reader.read(pictures[number])

    threads = [threading.Thread(target=read, args=(number,)) for number in range(len(pictures))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {0: "one two three four five", 1: "nothing to add here"} | {2: found[0], 3: found[1]}


def test_a_damaged_picture_is_one_line(reader: PictureWords, tmp_path: Path) -> None:
    (tmp_path / "half.png").write_bytes(drawn("half of it")[:200])
    with pytest.raises(PictureError, match=r"half\.png: damaged or cut short PNG"):
        reader.read(tmp_path / "half.png")
    with pytest.raises(PictureError, match="no such file"):
        reader.read(tmp_path / "none.png")


def test_nothing_is_asked_of_the_network_and_nothing_printed(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*arguments: object, **named: object) -> NoReturn:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    reader = LineReader()
    assert [line.text for line in reader.lines(np.array(Image.open(io.BytesIO(drawn("all is quiet"))).convert("RGB")))]
    assert reader.lines(np.zeros((40, 40, 3), np.uint8)) == []
    assert capfd.readouterr() == ("", "")


def test_what_is_not_installed_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(lines, "_NETWORKS", {"Det": "gone.onnx"})
        with pytest.raises(MissingExtra, match=r"has no gone\.onnx; pip install --force-reinstall"):
            LineReader()
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(MissingExtra, match=r'words in pictures needs rapidocr: pip install "feelscope\[ocr\]"'):
        EmotionClassifier.load(read_pictures=True)


def test_too_little_memory_is_told_before_anything_is_read() -> None:
    BUDGET.set(LEAST_MEGABYTES)
    try:
        with pytest.raises(ConfigError, match=r"needs --memory (\d+) or more, found 300") as told:
            PictureWords()
        BUDGET.set(int(str(told.value).split("--memory ")[1].split()[0]))
        PictureWords()
    finally:
        BUDGET.set(MEGABYTES)


def test_words_in_a_picture_answer_as_typed_ones_do(classifier: EmotionClassifier) -> None:
    plain = EmotionClassifier.load(workers=1, skip_pictures=1)
    read = classifier.predict([Post("1", image=drawn(SAD))])[0]
    typed = plain.predict([Post("1", text=SAD, image=drawn(SAD))])[0]
    assert (read.emotion, read.modalities) == ("sadness", ("image", "image_text"))
    assert read.probabilities == typed.probabilities
    assert plain.predict([Post("1", image=drawn(SAD))])[0].modalities == ("image",)


def test_a_posts_own_words_come_first_and_are_said(classifier: EmotionClassifier) -> None:
    post = Post("1", title="Look", text="found this", image=drawn(SAD))
    read = classifier.predict([post])[0]
    joined = EmotionClassifier.load(skip_pictures=1).predict([with_words(post, SAD)])[0]
    assert read.modalities == ("text", "image", "image_text")
    assert (joined.modalities, joined.probabilities) == (("text", "image"), read.probabilities)
    assert with_words(post, SAD).text == f"found this\n{SAD}"
    assert with_words(Post("1", text=" "), SAD).text == SAD


def test_a_title_that_repeats_the_text_is_read_once_here_too() -> None:
    assert with_words(Post("1", title="Look ", text="Look"), SAD).texts == (f"Look\n{SAD}",)
    assert with_words(Post("1", title="Look"), SAD).texts == ("Look", SAD)


def test_without_words_in_it_a_picture_is_read_as_before(classifier: EmotionClassifier) -> None:
    post = Post("1", text="We won!", image=drawn("EXIT"))
    assert classifier.predict([post]) == EmotionClassifier.load(skip_pictures=1).predict([post])


def test_a_picture_that_cannot_be_read_is_warned_about_once(classifier: EmotionClassifier) -> None:
    read = classifier.predict([Post("1", text="We won!", image=b"no picture")])[0]
    assert (read.modalities, len(read.warnings)) == (("text",), 1)
    assert read.warnings[0].startswith("the picture was not used")


def test_a_model_of_words_reads_pictures_words_alone(words_run: Path) -> None:
    classifier = EmotionClassifier.load(words_run, read_pictures=True)
    pictures = (drawn("we saw the grave"), drawn(), b"x")
    one, other, damaged = classifier.predict(
        [Post("1", image=pictures[0]), *(Post(p, text="tears", image=pictures[int(p)]) for p in "12")]
    )
    assert (one.modalities, one.warnings) == (("image_text",), ())
    assert (
        one.probabilities
        == EmotionClassifier.load(words_run).predict([Post("1", text="we saw the grave")])[0].probabilities
    )
    assert "the image was not used: this model was trained without any" in other.warnings
    assert any(warning.startswith("the words in the picture were not read") for warning in damaged.warnings)


def test_a_model_without_words_is_refused(pictures_run: Path) -> None:
    with pytest.raises(ModelError, match="reads no words"):
        EmotionClassifier.load(pictures_run, read_pictures=True)


def test_an_explanation_marks_the_words_that_were_read_in_the_picture(classifier: EmotionClassifier) -> None:
    post = Post("1", text="look at this", image=drawn(SAD))
    found = classifier.explain(post, settings=Settings(passes=80))
    said = record(found, post)
    assert (found.image_text, said["image_text"]) == (SAD, SAD)
    assert {word["word"] for word in said["words"] if word["field"] == "image_text"} == {*SAD.split()}
    assert {word["word"] for word in said["words"] if word["field"] == "text"} == {"look", "at", "this"}
    assert [*found.modalities] == ["text", "image", "image_text"]
    assert sum(found.modalities.values()) == pytest.approx(found.probability - found.baseline, abs=1e-5)
    assert found.modalities["image_text"] > found.modalities["text"]  # which says nothing sad
    assert found.prediction == classifier.predict([post])[0]
    shown = explained(found, post, 80)
    assert shown.index("look at this") < shown.index("Words of the picture:") < shown.index("grandad")
    assert "words in the picture" in shown.splitlines()[0]
    assert "Words of the picture:" in html(found, post)


def test_a_picture_of_words_alone_is_explained_by_them(classifier: EmotionClassifier) -> None:
    found = classifier.explain(Post("1", image=drawn(SAD)), settings=Settings(passes=40))
    assert [*found.modalities] == ["image", "image_text"]
    assert {word.field for word in found.words} == {"image_text"}


def test_a_skipped_picture_is_not_read_for_words_either(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = EmotionClassifier.load(read_pictures=True, skip_pictures=0.9)
    sure, unsure = Post("1", text="What a lovely day!", image=drawn(SAD)), Post("2", text="the", image=drawn(SAD))
    asked = classifier.predict([sure, unsure])
    assert asked[1].modalities == ("text", "image", "image_text")
    assert asked[1] == EmotionClassifier.load(read_pictures=True).predict([unsure])[0]
    monkeypatch.setattr(PictureWords, "read", None)  # calling it would fail
    assert classifier.predict([sure])[0] == asked[0]
    assert asked[0].modalities == ("text",)


def test_rows_made_without_reading_are_of_another_job(classifier: EmotionClassifier, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(done: int, left_out: int) -> None:
        if done == 2:
            raise Stopped

    (tmp_path / "sad.png").write_bytes(drawn(SAD))
    (tmp_path / "posts.csv").write_text("id,text,image\na,We won!,\nb,,sad.png\nc,So sad,\n", encoding="utf-8")
    table, out = PostsTable(tmp_path / "posts.csv"), tmp_path / "out.jsonl"
    plain = EmotionClassifier.load(skip_pictures=1)
    with pytest.raises(Stopped):
        predict_table(plain, table, out, progress=stop)
    with pytest.raises(FeelscopeError, match="or another --abstain, --read-pictures"):
        predict_table(classifier, table, out, resume=True)
    with pytest.raises(Stopped):
        predict_table(classifier, table, out, progress=stop)
    predict_table(classifier, table, out, resume=True)
    assert '"modalities": ["image", "image_text"]' in out.read_text(encoding="utf-8")
