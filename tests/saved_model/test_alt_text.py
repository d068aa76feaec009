"""What authors say of their pictures: read only where that is asked for, and then said."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from small_photos import photo
from typer.testing import CliRunner

from feelscope import EmotionClassifier, Post, PostsTable
from feelscope.cli import app
from feelscope.collect.files import from_row
from feelscope.errors import ModelError
from feelscope.evaluate.evaluate import variants
from feelscope.explain.post import Settings
from feelscope.predict import predict_table

SAID = "A boy cries at his grandmother's grave"


def picture() -> bytes:
    file = io.BytesIO()
    photo((320, 240)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def classifier() -> EmotionClassifier:
    return EmotionClassifier.load(alt_text=True, skip_pictures=1)


def test_it_is_read_behind_the_words_and_said(classifier: EmotionClassifier) -> None:
    plain = EmotionClassifier.load(skip_pictures=1)
    post = Post("1", text="Sunday", image=picture(), alt_text=SAID)
    (read,), (unread,) = classifier.predict([post]), plain.predict([post])
    assert (read.modalities, unread.modalities) == (("text", "image", "image_text"), ("text", "image"))
    assert unread == plain.predict([replace(post, alt_text="")])[0]
    assert read.probabilities == plain.predict([replace(post, text=f"Sunday\n{SAID}")])[0].probabilities
    assert read.probabilities["sadness"] > unread.probabilities["sadness"]
    (without_words,) = classifier.predict([Post("2", image=b"no picture", alt_text=SAID)])
    assert without_words.modalities == ("image_text",) and without_words.emotion == "sadness"


@pytest.mark.parametrize("said", ["", "  \n", "\u200b"])
def test_an_empty_one_is_none(classifier: EmotionClassifier, said: str) -> None:
    post = Post("1", text="Sunday", image=picture(), alt_text=said)
    assert classifier.predict([post])[0] == EmotionClassifier.load(skip_pictures=1).predict([post])[0]


def test_it_belongs_to_the_picture(classifier: EmotionClassifier) -> None:
    post = Post("1", text="Sunday", image=picture(), alt_text=SAID)
    scored = {combinations[0]: one for one, combinations in variants(post)}
    assert [scored[name].alt_text for name in ("both", "text", "image")] == [SAID, "", SAID]
    found = classifier.explain(post, settings=Settings(passes=60))
    assert [*found.modalities] == ["text", "image", "image_text"] and found.image_text == SAID
    assert {word.field for word in found.words} == {"text", "image_text"}


def test_a_picture_is_flat_whatever_is_said_of_it(classifier: EmotionClassifier) -> None:
    file = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(file, "PNG")
    drawing = Image.open(file)
    drawing.paste((200, 30, 30), (40, 40, 200, 160))
    drawing.save(file := io.BytesIO(), "PNG")
    post = Post("1", text="Sunday", image=file.getvalue(), alt_text="A red box")
    assert any("flat" in warning for warning in classifier.predict([post])[0].warnings)


def test_a_table_has_it_under_other_names_too_and_it_is_kept(classifier: EmotionClassifier, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(picture())
    (tmp_path / "posts.csv").write_text(f"id,text,image,Image alt\n1,Sunday,a.png,{SAID}\n2,Monday,a.png,\n", "utf-8")
    table = PostsTable(tmp_path / "posts.csv")
    first, second = table
    assert (first.alt_text, first.other["alt_text"], second.alt_text) == (SAID, SAID, "")
    assert from_row(replace(first, image=None), unread={}).other["alt_text"] == SAID
    out = tmp_path / "out.jsonl"
    predict_table(classifier, table, out)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["modalities"] for row in rows] == [["text", "image", "image_text"], ["text", "image"]]
    assert json.loads((tmp_path / "out.jsonl.about.json").read_text())["settings"]["alt_text"] is True


def test_what_cannot_be_read_is_refused(pictures_run: Path) -> None:
    with pytest.raises(ModelError, match=r"reads no words .* leave out --alt-text"):
        EmotionClassifier.load(pictures_run, alt_text=True)
    for command in (["predict"], ["explain", "post"]):
        result = CliRunner().invoke(app, [*command, "--text", "a", "--alt-text"])
        assert result.exit_code == 2 and "--alt-text is for a TABLE" in result.output
