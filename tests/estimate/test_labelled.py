"""Labelled tables, right and wrong."""

from pathlib import Path

import pytest

from feelscope.errors import EstimateError
from feelscope.estimate.labelled import Labelled, read_labelled

KNOWN = ("happiness", "sadness", "anger")


def read(folder: Path, *lines: str) -> Labelled:
    (folder / "labels.csv").write_text("".join(f"{line}\n" for line in lines))
    return read_labelled(folder / "labels.csv", KNOWN)


def test_names_are_the_models_and_other_columns_do_not_matter(tmp_path: Path) -> None:
    found = read(tmp_path, "post_id,label,note", "1,Joy,x", "2,sad,", "3,,", "4,love,", "5,love,")
    assert found.emotions == {"1": "happiness", "2": "sadness", "4": "love", "5": "love"}
    assert (found.inclusion, found.unknown, found.unlabelled) == ({}, {"love": 2}, 1)


def test_chances_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, "id,emotion,inclusion_probability", "1,joy,0.25", "2,sad,1", "3,,")
    assert found.inclusion == {"1": 0.25, "2": 1.0}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["id,emotion", "1,"], "no labelled post"),
        (["id,text", "1,a"], "no emotion column; it has id, text; name one with --columns emotion=NAME"),
        (["name,emotion", "1,joy"], "no id column"),
        (["id,emotion", "1,joy", "1,sad"], "row 2: a second label of post '1'; keep one row a post"),
        (["id,emotion", "1,love", "2,awe"], "none of its emotions (awe, love) is one of the predictions' (happiness,"),
        (["id,emotion", ",joy"], "row 1: empty id"),
        (["id,emotion", "1,joy,x"], "row 1: wrong number of fields"),
        (["id,emotion,inclusion_probability", "1,joy,0.5", "2,sad,"], "post '2' has no inclusion_probability"),
        *(
            (["id,emotion,inclusion_probability", f"1,joy,{value}"], f"row 1: inclusion_probability is '{value}'")
            for value in ("0", "1.1", "-0.2", "nan", "often")
        ),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, lines: list[str], said: str) -> None:
    with pytest.raises(EstimateError) as error:
        read(tmp_path, *lines)
    assert said in str(error.value) and "\n" not in str(error.value)
