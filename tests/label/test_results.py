"""What the answers show: agreement, people against the model, and judges of the model."""

import re

import pytest

from feelscope.label.results import against_model, agreement_lines, judged_lines, majority

TRUTH = {str(n): "joy" if n % 2 else "fear" for n in range(100)}
MODEL = dict.fromkeys(TRUTH, "joy")


def test_people_against_the_model_on_the_same_posts():
    good = {id: TRUTH[id] for id in list(TRUTH)[:80]}
    (line,) = against_model({"ann": good}, TRUTH, MODEL)
    assert line.startswith("ann: 1.000 (1.000 to 1.000), the model 0.500 (0.")
    assert "person minus model 0.500 (0." in line and line.endswith("80 posts")
    assert against_model({"ann": good}, {}, MODEL)[0].startswith("no answered post has an emotion")
    lines = against_model({"ann": good, "bob": good}, TRUTH, MODEL)
    assert lines[2].startswith("their majority: 1.000")
    agreed = agreement_lines({"ann": good, "bob": good})
    assert "Fleiss' kappa of all: 1.000 on 80 posts that everyone answered" in agreed
    assert "Krippendorff's alpha: 1.000 on 80 posts with two answers or more" in agreed


def test_the_intervals_hold_95_percent():
    # Right on 320 of 400, the model on 200: 1.96 standard errors are 0.039 and 0.049. The person alone is right on
    # half of the 200 wrong ones more often than the model alone: a difference of 120 - 0 in 400, 1.96 errors 0.045.
    truth = {str(n): "joy" for n in range(400)}
    person = {str(n): "joy" if n < 320 else "fear" for n in range(400)}
    model = {str(n): "joy" if n < 200 else "fear" for n in range(400)}
    (line,) = against_model({"ann": person}, truth, model)
    numbers = [float(number) for number in re.findall(r"\d\.\d{3}", line)]
    expected = [0.8, 0.8 - 0.039, 0.8 + 0.039, 0.5, 0.5 - 0.049, 0.5 + 0.049, 0.3, 0.3 - 0.045, 0.3 + 0.045]
    assert numbers == pytest.approx(expected, abs=0.004)


def test_the_majority_and_judges():
    assert majority({"a": {"1": "x"}, "b": {"1": "y"}, "c": {"1": "y"}}) == {"1": "y"}
    assert majority({"a": {"1": "y"}, "b": {"1": "x"}}) == {"1": "x"}, "of equals the first in the alphabet"
    truth, model = {"1": "a", "2": "a", "3": "b"}, {"1": "a", "2": "b", "3": "a"}
    (line,) = judged_lines({"ann": {"1": "right", "2": "wrong", "3": "right"}}, truth, model)
    expected = "right about the model on 0.667 of 3 posts; found 0.500 of its errors; 1.000 of those called errors were"
    assert line == f"ann: {expected}"
    (line,) = judged_lines({"ann": {}}, truth, model)
    assert line == "ann: right about the model on - of 0 posts; found - of its errors; - of those called errors were"


def test_agreement_counts_the_posts_that_two_or_all_answered():
    # x and y differ on one of their three posts; z answered two of these, as x did.
    answers = {"x": {"1": "a", "2": "b", "3": "a"}, "y": {"1": "a", "2": "b", "3": "b", "4": "a"}}
    answers["z"] = {"1": "a", "2": "b", "5": "a"}
    lines = agreement_lines(answers)
    # Of 3 posts, x and y agree on 2, by chance on 4 of 9.
    assert lines[3] == "Cohen's kappa of x and y: 0.400 on 3 posts"
    assert lines[6] == "Fleiss' kappa of all: 1.000 on 2 posts that everyone answered"
    # Of 8 answers, 4 are a and 4 are b: 2 in 8 pairs differ, by chance 32 in 56 do.
    assert lines[7] == "Krippendorff's alpha: 0.562 on 3 posts with two answers or more"


def test_one_person_or_posts_that_nobody_shares_have_no_agreement():
    assert agreement_lines({"x": {"1": "a"}}) == ["x: 1 answer"]
    assert agreement_lines({"x": {"1": "a"}, "y": {"2": "a"}}) == ["x: 1 answer", "y: 1 answer"]


def test_posts_without_a_model_or_an_emotion_are_not_judged():
    (line,) = judged_lines(
        {"x": {"1": "right", "2": "right", "3": "right"}}, {"1": "a", "2": "a"}, {"1": "a", "3": "a"}
    )
    assert line.startswith("x: right about the model on 1.000 of 1 post;")


def test_judges_have_an_auroc_beside_the_models_own():
    # Of 4 pairs of a right and a wrong answer, ann ranks 2 rightly and ties 2; the confidence ranks 3 rightly.
    truth, model = dict.fromkeys("1234", "a"), {"1": "a", "2": "a", "3": "b", "4": "b"}
    ann = {"1": "right", "2": "right", "3": "wrong", "4": "right"}
    sure = {"1": 0.9, "2": 0.5, "3": 0.4, "4": 0.6}
    _, line = judged_lines({"ann": ann}, truth, model, sure)
    assert line.startswith("ann: AUROC 0.750 (") and "the model's confidence 0.750 (" in line
    assert "person minus model 0.000 (" in line and line.endswith(", 4 posts")
    _, line = judged_lines({"ann": ann}, truth, model, sure, "with text")
    assert line.startswith("ann, with text: AUROC")


def test_where_the_model_is_always_right_there_is_no_auroc():
    assert len(judged_lines({"ann": {"1": "wrong"}}, {"1": "a"}, {"1": "a"}, {"1": 0.7})) == 1
