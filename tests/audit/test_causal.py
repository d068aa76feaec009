import numpy as np
import pytest

from feelscope.audit import causal
from feelscope.audit.causal import MatchedPair, matched, run_test
from feelscope.audit.swaps import Swap
from feelscope.audit.templates import Sentence, TemplateSet

# Scores of coreference and of a language model, as those of Lu et al. 2018, figure 1.
FIGURE = {
    "The doctor ran because he is late": 5.08,
    "The doctor ran because she is late": 1.99,
    "The nurse ran because he is late": -0.44,
    "The nurse ran because she is late": 5.34,
}
WRITTEN = {"He is a doctor": -9.72, "She is a doctor": -9.77, "He is a nurse": -8.99, "She is a nurse": -8.97}


def pairs_of(texts):
    listed = list(texts)
    return [
        MatchedPair(a, b, "doctor" if "doctor" in a else "nurse")
        for a, b in zip(listed[::2], listed[1::2], strict=True)
    ]


@pytest.mark.parametrize(
    ("scores", "doctor", "nurse", "absolute"),
    [(FIGURE, 3.09, -5.78, (3.09 + 5.78) / 2), (WRITTEN, 0.05, -0.02, 0.035)],
)
def test_the_bias_of_the_figure_of_lu_et_al(scores, doctor, nurse, absolute):
    found = run_test(lambda texts: [scores[text] for text in texts], pairs_of(scores))
    bias = causal.bias(found)
    assert bias["doctor"][0] == pytest.approx(doctor) and bias["nurse"][0] == pytest.approx(nurse)
    assert causal.mean_absolute_bias(found)[0] == pytest.approx(absolute)


def test_probabilities_by_hand():
    scores = {"a": [0.5, 0.3, 0.2], "b": [0.2, 0.5, 0.3], "c": [0.6, 0.2, 0.2], "d": [0.4, 0.4, 0.2]}
    found = run_test(lambda texts: [scores[text] for text in texts], [MatchedPair("a", "b"), MatchedPair("c", "d")])
    assert found.differences == pytest.approx(np.array([[0.3, -0.2, -0.1], [0.2, -0.2, 0.0]]))
    assert causal.total_variation(found) == pytest.approx([0.3, 0.2])
    assert causal.flips(found).tolist() == [1, 0]  # of equal ones the first is the answer
    assert causal.bias(found)[""] == pytest.approx([0.25, -0.2, -0.05])


def test_every_thing_is_scored_once_and_what_cannot_be_is_left_out():
    asked = []

    def score(things):
        asked.extend(things)
        return [float("nan") if thing == 3 else thing for thing in things]

    found = run_test(score, [MatchedPair(1, 2), MatchedPair(2, 1), MatchedPair(1, 3)])
    assert asked == [1, 2, 3] and found.unscored == 1
    assert found.differences.tolist() == [[-1], [1]]


def test_all_templates_with_all_subjects_and_swaps_or_an_even_share_of_them():
    swaps = [Swap("he", "she"), Swap("my son", "my daughter"), Swap("James", "Mary")]
    templates = TemplateSet(
        "work", ("{} is a {subject}.", "I heard that {} works as a {subject}."), ("nurse", "editor")
    )
    found = matched(swaps, templates)
    assert len(found) == 12
    assert found[0] == MatchedPair(
        Sentence("He is a ", "nurse", "."),
        Sentence("She is a ", "nurse", "."),
        "nurse",
        templates.templates[0],
        "he / she",
    )
    assert found[-1].second.text == "I heard that Mary works as an editor."
    share = matched(swaps, templates, every=3)
    assert len(share) == 4 and {pair.swap for pair in share} == {swap.name for swap in swaps}
    assert len({(pair.subject, pair.template) for pair in share}) == 4


def test_without_a_subject_each_template_is_its_own_and_none_is_left_out():
    found = matched([Swap("he", "she")], TemplateSet("everyday", ("{} sleeps.", "Then {} ate.")), every=3)
    assert [pair.subject for pair in found] == ["{} sleeps.", "Then {} ate."]
