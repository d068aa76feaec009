import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.errors import TableError
from feelscope.train.teachers import read_teachers

KNOWN = ("happiness", "sadness", "anger")


def write(folder, name, *rows):
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def answer(id, **probabilities):
    return {"id": id, "emotion": "unread", "probabilities": probabilities}


def test_teachers_are_averaged_over_the_posts_they_answered_for(tmp_path):
    one = write(tmp_path, "one.jsonl", answer("a", happiness=0.5, sadness=0.5), answer("b", anger=1.0))
    other = write(tmp_path, "other.jsonl", answer("a", happiness=1.0))
    found = read_teachers([one, other], KNOWN)
    assert found == {"a": (0.75, 0.25, 0.0), "b": (0.0, 0.0, 1.0)}


def test_a_teacher_that_gave_most_to_unknown_emotions_counts_as_much_as_another(tmp_path):
    one = write(tmp_path, "one.jsonl", answer("a", happiness=0.25, awe=0.75))
    other = write(tmp_path, "other.jsonl", answer("a", sadness=0.5, anger=0.5))
    assert read_teachers([one, other], KNOWN) == {"a": (0.5, 0.25, 0.25)}


def test_names_are_matched_and_what_is_not_learnt_is_left_out(tmp_path):
    file = write(tmp_path, "one.jsonl", answer("a", joy=0.2, Sad=0.2, awe=0.6), answer("b", awe=1.0), answer("c"))
    assert read_teachers([file], KNOWN) == {"a": (0.5, 0.5, 0.0)}


def test_empty_lines_between_predictions_are_no_fault(tmp_path):
    file = write(tmp_path, "one.jsonl", answer("a", anger=1.0))
    file.write_text(f"\n{file.read_text()} \n\n")
    assert read_teachers([file], KNOWN) == {"a": (0.0, 0.0, 1.0)}


@given(st.lists(st.tuples(*[st.floats(0.001, 1)] * 3), min_size=1, max_size=3))
def test_what_is_taught_sums_to_one(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("teachers")
    files = [
        write(folder, f"{at}.jsonl", answer("a", **dict(zip(KNOWN, row, strict=True)))) for at, row in enumerate(rows)
    ]
    assert sum(read_teachers(files, KNOWN)["a"]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json\n", r"bad\.jsonl, line 1: expected a prediction"),
        ('{"id": "a"}\n', r"line 1: expected a prediction .*probabilities \(KeyError\)"),
        ('{"id": "a", "probabilities": {"anger": -1}}\n', "negative, over 1 or not a number"),
        ('{"id": "a", "probabilities": {"anger": NaN}}\n', "negative, over 1 or not a number"),
        ('{"id": "a", "probabilities": {"anger": 70}}\n', "negative, over 1 or not a number"),
        ('{"id": "a", "probabilities": {"anger": 1%s}}\n' % ("0" * 400), r"expected a prediction .*OverflowError"),
        ('{"id": "a", "probabilities": {"awe": 1}}\n', "no prediction in it has any of the emotions happiness"),
        ("", "no prediction in it has any of the emotions"),
    ],
)
def test_bad_predictions_are_one_line(tmp_path, content, said):
    (tmp_path / "bad.jsonl").write_text(content)
    with pytest.raises(TableError, match=said) as caught:
        read_teachers([tmp_path / "bad.jsonl"], KNOWN)
    assert "\n" not in str(caught.value)
    with pytest.raises(TableError, match="cannot be read"):
        read_teachers([tmp_path / "none.jsonl"], KNOWN)
