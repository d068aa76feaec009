"""What the answers show: agreement, the model as one more annotator, people against the model, and its judges."""

import re

import pytest

from feelscope.label.against_model import against_known, against_others
from feelscope.label.agreement import agreement, with_model
from feelscope.label.judged import called_right, judged
from feelscope.label.verdicts import disagreements, majority

TRUTH = {str(n): "joy" if n % 2 else "fear" for n in range(100)}
MODEL = dict.fromkeys(TRUTH, "joy")


def test_people_against_the_model_on_the_same_posts():
    good = {id: TRUTH[id] for id in list(TRUTH)[:80]}
    (line,) = against_known({"ann": good}, TRUTH, MODEL).lines
    assert line.startswith("ann: 1.000 (1.000 to 1.000), the model 0.500 (0.")
    assert "person minus model 0.500 (0." in line and line.endswith("80 posts")
    assert not against_known({"ann": good}, {}, MODEL).lines
    lines = against_known({"ann": good, "bob": good}, TRUTH, MODEL).lines
    assert lines[2].startswith("their majority: 1.000")
    agreed = "\n".join(agreement({"ann": good, "bob": good}).lines)
    assert "Fleiss' kappa of all: 1.000 (1.000 to 1.000) on 80 posts that everyone answered" in agreed
    assert "Krippendorff's alpha: 1.000 (1.000 to 1.000) on 80 posts with two answers or more" in agreed


def test_the_intervals_hold_95_percent():
    # Right on 320 of 400, the model on 200: 1.96 standard errors are 0.039 and 0.049. The person alone is right on
    # half of the 200 wrong ones more often than the model alone: a difference of 120 - 0 in 400, 1.96 errors 0.045.
    truth = {str(n): "joy" for n in range(400)}
    person = {str(n): "joy" if n < 320 else "fear" for n in range(400)}
    model = {str(n): "joy" if n < 200 else "fear" for n in range(400)}
    (line,) = against_known({"ann": person}, truth, model).lines
    numbers = [float(number) for number in re.findall(r"\d\.\d{3}", line)]
    expected = [0.8, 0.8 - 0.039, 0.8 + 0.039, 0.5, 0.5 - 0.049, 0.5 + 0.049, 0.3, 0.3 - 0.045, 0.3 + 0.045]
    assert numbers == pytest.approx(expected, abs=0.004)


def test_people_against_the_model_without_earlier_labels():
    """Each person is held against the others alone; where somebody decided, against the decision."""
    ann = {"1": "joy", "2": "joy", "3": "fear", "4": "fear"}
    bob = {"1": "joy", "2": "fear", "3": "fear", "4": "fear"}
    eve = {"1": "joy", "2": "fear", "3": "joy"}
    model = {"1": "joy", "2": "fear", "3": "fear", "4": "joy"}
    numbers = against_others({"ann": ann, "bob": bob, "eve": eve}, {}, model).numbers
    found = {(one.of, one.condition): (one.value, one.posts) for one in numbers if one.measure == "share right"}
    # Of ann, the others say joy, fear, nothing (they tie) and fear; of bob joy, nothing, nothing, fear.
    assert found["ann", ""] == (pytest.approx(2 / 3), 3)
    assert found["the model", "posts of ann"] == (pytest.approx(2 / 3), 3)
    assert found["bob", ""] == (1.0, 2)
    assert found["the model", "posts of bob"] == (0.5, 2)
    assert found["eve", ""] == (pytest.approx(1 / 2), 2)
    numbers = against_others({"ann": ann, "bob": bob, "eve": eve}, {"2": "joy"}, model).numbers
    found = {(one.of, one.condition): (one.value, one.posts) for one in numbers if one.measure == "share right"}
    assert found["ann", ""] == (1.0, 3)
    assert found["bob", ""] == (pytest.approx(2 / 3), 3)
    assert not against_others({"ann": ann}, {}, model).lines


def test_the_model_is_one_more_annotator():
    ann = {"1": "a", "2": "b", "3": "a"}
    found = with_model({"ann": ann, "bob": {"4": "a"}}, {"1": "a", "2": "b", "3": "b", "4": "a", "9": "b"})
    kappa = next(one for one in found.numbers if one.measure == "Cohen's kappa")
    assert (kappa.of, kappa.against, kappa.posts, kappa.value) == ("ann", "the model", 3, pytest.approx(0.4))
    alpha = next(one for one in found.numbers if one.measure == "Krippendorff's alpha")
    # Of 8 answers, 5 are a and 3 are b: 2 in 8 pairs differ, by chance 30 in 56 do.
    assert (alpha.posts, alpha.value) == (4, pytest.approx(1 - (2 / 8) / (30 / 56)))


def test_the_majority_leaves_out_ties_and_what_is_unclear():
    assert majority({"a": {"1": "x"}, "b": {"1": "y"}, "c": {"1": "y"}}) == {"1": "y"}
    assert majority({"a": {"1": "y", "2": "x"}, "b": {"1": "x", "2": "x"}}) == {"2": "x"}
    assert majority({"a": {"1": "unclear", "2": "x"}}) == {"2": "x"}
    differ = disagreements({"a": {"1": "y", "2": "x"}, "b": {"1": "x", "2": "x", "3": "y"}})
    assert differ == {"1": {"a": "y", "b": "x"}}


def test_judges():
    truth, model = {"1": "a", "2": "a", "3": "b"}, {"1": "a", "2": "b", "3": "a"}
    (line,) = judged({"ann": {"1": "right", "2": "wrong", "3": "right"}}, truth, model).lines
    expected = "right about the model on 0.667 of 3 posts; found 0.500 of its errors; 1.000 of those called errors were"
    assert line == f"ann: {expected}"
    (line,) = judged({"ann": {}}, truth, model).lines
    assert line == "ann: right about the model on - of 0 posts; found - of its errors; - of those called errors were"


def test_judges_need_no_labels():
    model = {"1": "a", "2": "b", "3": "b", "4": "b"}
    found = called_right({"ann": {"1": "right", "2": "wrong", "3": "right", "4": "right"}}, model)
    assert found.lines[0].startswith("ann: calls 0.750 (0.") and found.lines[0].endswith("right, 4 posts")
    assert found.lines[1].startswith("  a: 1.000") and found.lines[2].startswith("  b: 0.667")


def test_agreement_counts_the_posts_that_two_or_all_answered():
    # x and y differ on one of their three posts; z answered two of these, as x did.
    answers = {"x": {"1": "a", "2": "b", "3": "a"}, "y": {"1": "a", "2": "b", "3": "b", "4": "a"}}
    answers["z"] = {"1": "a", "2": "b", "5": "a"}
    lines = agreement(answers).lines
    # Of 3 posts, x and y agree on 2, by chance on 4 of 9.
    assert re.fullmatch(r"Cohen's kappa of x and y: 0\.400 \(.*\) on 3 posts, 67% the same", lines[3])
    assert lines[6] == "Fleiss' kappa of all: 1.000 (1.000 to 1.000) on 2 posts that everyone answered"
    # Of 8 answers, 4 are a and 4 are b: 2 in 8 pairs differ, by chance 32 in 56 do.
    assert re.fullmatch(r"Krippendorff's alpha: 0\.562 \(.*\) on 3 posts with two answers or more", lines[7])


def test_one_person_or_posts_that_nobody_shares_have_no_agreement():
    assert agreement({"x": {"1": "a"}}).lines == ["x: 1 answer"]
    assert agreement({"x": {"1": "a"}, "y": {"2": "a"}}).lines == ["x: 1 answer", "y: 1 answer"]
    assert agreement({"x": {"1": "unclear"}}, {"x": 2}).lines == ["x: 1 answer, 1 unclear, 2 skipped"]


def test_posts_without_a_model_or_an_emotion_are_not_judged():
    (line,) = judged(
        {"x": {"1": "right", "2": "right", "3": "right"}}, {"1": "a", "2": "a"}, {"1": "a", "3": "a"}
    ).lines
    assert line.startswith("x: right about the model on 1.000 of 1 post;")


def test_judges_have_an_auroc_beside_the_models_own():
    # Of 4 pairs of a right and a wrong answer, ann ranks 2 rightly and ties 2; the confidence ranks 3 rightly.
    truth, model = dict.fromkeys("1234", "a"), {"1": "a", "2": "a", "3": "b", "4": "b"}
    ann = {"1": "right", "2": "right", "3": "wrong", "4": "right"}
    sure = {"1": 0.9, "2": 0.5, "3": 0.4, "4": 0.6}
    _, line = judged({"ann": ann}, truth, model, sure).lines
    assert line.startswith("ann: AUROC 0.750 (") and "the model's confidence 0.750 (" in line
    assert "person minus model 0.000 (" in line and line.endswith(", 4 posts")
    _, line = judged({"ann": ann}, truth, model, sure, "with text").lines
    assert line.startswith("ann, with text: AUROC")


def test_where_the_model_is_always_right_there_is_no_auroc():
    assert len(judged({"ann": {"1": "wrong"}}, {"1": "a"}, {"1": "a"}, {"1": 0.7}).lines) == 1
