"""Predictions are a list, a table, and what a terminal and a notebook show."""

import html
import io
import pickle
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from feelscope.errors import MissingExtra
from feelscope.post import Post, Prediction
from feelscope.saved_model.predictions import Predictions

EMOTIONS = ("joy", "fear")


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (200, 100), "red").save(file, "PNG")
    return file.getvalue()


def some(posts: list[Post] | None = None) -> Predictions:
    made = [
        Prediction("a", "joy", {"joy": 0.75, "fear": 0.25}, ("text", "image"), ("cut",)),
        Prediction("b", None, {}, (), ("there is nothing to read in this post",)),
        Prediction("c", "fear", {"joy": 0.4, "fear": 0.6}, ("text",)),
    ]
    return Predictions(made, EMOTIONS, posts or [])


def test_they_are_a_list() -> None:
    made = some()
    assert isinstance(made, list) and made == list(made)
    assert made[0].id == "a" and made[-1].id == "c"
    assert isinstance(made[1:], Predictions)
    assert [one.id for one in made[::-1]] == ["c", "b", "a"]


def test_probabilities_are_an_array_with_a_row_of_nan_for_no_answer() -> None:
    found = some().probabilities()
    assert np.array_equal(found, [[0.75, 0.25], [np.nan, np.nan], [0.4, 0.6]], equal_nan=True)
    assert Predictions([], EMOTIONS).probabilities().shape == (0, 2)


def test_the_columns_are_those_of_a_written_file() -> None:
    assert some().to_dict() == {
        "id": ["a", "b", "c"],
        "emotion": ["joy", None, "fear"],
        "probabilities.joy": [0.75, None, 0.4],
        "probabilities.fear": [0.25, None, 0.6],
        "modalities": [["text", "image"], [], ["text"]],
        "warnings": [["cut"], ["there is nothing to read in this post"], []],
    }


def test_a_frame_has_the_same_columns() -> None:
    frame = some().to_frame()
    assert list(frame.columns) == list(some().to_dict())
    assert frame["modalities"].tolist() == ["text|image", "", "text"]
    assert frame["probabilities.joy"].dtype == "float64"
    assert frame["probabilities.joy"].isna().tolist() == [False, True, False]
    assert list(Predictions([], EMOTIONS).to_frame().columns) == list(frame.columns)


def test_without_pandas_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtra, match=r"^to_frame needs pandas: pip install pandas; to_dict needs nothing$"):
        some().to_frame()


def test_a_terminal_shows_a_line_for_each() -> None:
    shown = repr(some([Post("a", "What a day!\nAnd\x1b[2J so long " + "x" * 90), Post("b"), Post("c", "Dark.")]))
    lines = shown.splitlines()
    assert lines[0] == "3 predictions"
    assert re.fullmatch(r"  a  joy   75\.0%  text\+image  What a day! And\\x1b\[2J so long x+…", lines[1])
    assert lines[2] == "  b  none                     there is nothing to read in this post"
    assert lines[3] == "  c  fear  60.0%  text        Dark."
    assert all(len(line) < 90 for line in lines)
    assert repr(Predictions([], EMOTIONS)) == "Predictions([])"
    assert repr(Predictions(list(some()) * 5, EMOTIONS)).endswith("\n  and 5 more")


def test_a_notebook_shows_bars_and_a_small_picture() -> None:
    shown = some(
        [Post("a", "What a day!", image=picture()), Post("b", image=Path("gone.png")), Post("c")]
    )._repr_html_()
    assert shown.count("<tr>") == shown.count("</tr>") == 3
    assert shown.count("<img") == 1 and "data:image/jpeg;base64,/9j/" in shown
    assert "width:75.0%" in shown and "width:60.0%" in shown
    assert "What a day!" in shown and "there is nothing to read in this post" in shown


def test_what_came_from_a_post_is_escaped() -> None:
    evil = "<script>alert(1)</script><img src=x onerror='x'>\"&"
    prediction = Prediction(evil, evil, {evil: 1.0}, ("text",), (evil,))
    shown = Predictions([prediction], (evil,), [Post(evil, evil, evil)])._repr_html_()
    assert "<script" not in shown and "onerror='" not in shown and "<img" not in shown
    assert html.escape(evil) in shown


def test_a_long_list_shows_the_first_and_how_many_more() -> None:
    many = Predictions(list(some()) * 20, EMOTIONS, [Post(str(number), f"text {number}") for number in range(60)])
    assert many._repr_html_().count("<tr>") == 20
    assert "and 40 more" in many._repr_html_()
    assert "text 6" in repr(many[5:7]) and "text 5" in repr(many[5:7])
    assert "text 30" not in repr(many[30:31])  # which is not kept


def test_they_can_be_pickled() -> None:
    made = some([Post("a", "What a day!")])
    again = pickle.loads(pickle.dumps(made))  # noqa: S301 (its own)
    assert again == made and repr(again) == repr(made) and again.emotions == EMOTIONS
