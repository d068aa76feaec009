import numpy as np
import pytest
from small_audit import EMOTIONS, WOMEN, WORK, score, scored

from feelscope.audit.found import CONTROL
from feelscope.audit.gender import audit_gender
from feelscope.audit.measure import ask, audit
from feelscope.audit.pairs import audit_pairs
from feelscope.audit.scored import open_scored
from feelscope.audit.summary import effect_rows, sentences, size_rows
from feelscope.audit.swaps import GENDER, NEUTRAL, Swap
from feelscope.audit.templates import EVERYDAY, TemplateSet
from feelscope.errors import ConfigError


def rows(found, swaps):
    return {one.measure: one for one in found if one.swaps == swaps}


def test_a_planted_effect_has_its_size_and_the_control_none(planted):
    effects, control = rows(planted.effects, "gender"), rows(planted.effects, CONTROL)
    wanted = -0.2 - np.mean([*WOMEN.values()]) / 2000
    assert effects["anger"].mean == pytest.approx(wanted, abs=0.003)
    assert effects["anger"].low < wanted < effects["anger"].high < 0
    assert effects["happiness"].mean == pytest.approx(-effects["anger"].mean)
    assert effects["anger"].absolute == pytest.approx(-wanted, abs=0.003)
    assert {one.measure for one in planted.flagged()} == {*EMOTIONS} and not planted.flagged(control=True)
    assert abs(control["anger"].mean) < 0.003


def test_sizes_stand_beside_the_control(planted):
    sizes, control = rows(planted.sizes, "gender"), rows(planted.sizes, CONTROL)
    size = sizes["total variation"]
    assert size.mean == pytest.approx(-rows(planted.effects, "gender")["anger"].mean, abs=1e-9)
    assert size.more == pytest.approx(size.mean - control["total variation"].mean)
    assert 0 < size.more_low < size.more < size.more_high
    assert sizes["answers that flip"].mean == pytest.approx(
        np.mean([0.5 + share / 2000 > 0.5 for share in WOMEN.values()]), abs=0.2
    )
    assert np.isnan(control["total variation"].more)


def test_bias_by_occupation_goes_with_the_share_of_women(planted):
    parts = [one for one in planted.parts if one.by == "subject" and one.swaps == "gender" and one.measure == "anger"]
    assert [one.name for one in parts] == [*WOMEN] and [one.percent_women for one in parts] == [*WOMEN.values()]
    assert [one.mean for one in parts] == pytest.approx([-0.2 - share / 2000 for share in WOMEN.values()], abs=0.005)
    assert all(one.flagged for one in parts)
    (found,) = [one for one in planted.correlations if one.swaps == "gender" and one.measure == "anger"]
    assert found.r < -0.9 and found.high < 0 and found.subjects == 6


def test_each_sentence_is_asked_once():
    asked = []

    def counting(sentences):
        asked.extend(sentences)
        return score(sentences)

    audit(scored(counting), "gender", ("men", "women"), [ask(scored(), WORK, {"gender": GENDER, CONTROL: NEUTRAL})], {})
    assert len(asked) == len({*asked}) > 1000


def test_swaps_that_the_model_does_not_know_are_left_out_and_told():
    model = scored(knows=lambda phrase: "James" not in phrase)
    found = audit(model, "gender", ("men", "women"), [ask(model, WORK, {"gender": GENDER, CONTROL: NEUTRAL})], {})
    assert found.notes == ("Left out, as the model does not know a word of it: James / Mary, James / Robert.",)
    with pytest.raises(ConfigError, match="planted knows both words of no pair"):
        nothing = scored(knows=lambda phrase: False)
        audit(nothing, "gender", ("men", "women"), [ask(nothing, WORK, {"gender": GENDER})], {})


def test_what_cannot_be_scored_is_told():
    def some(sentences):
        return np.where([[one.subject == "a"] * 2 for one in sentences], np.nan, score(sentences))

    found = audit(
        scored(some), "gender", ("men", "women"), [ask(scored(), WORK, {"gender": GENDER, CONTROL: NEUTRAL})], {}
    )
    assert found.notes == (f"work: {3 * (len(GENDER) + len(NEUTRAL))} pairs could not be scored.",)
    with pytest.raises(ConfigError, match="can score no pair"):
        none = scored(lambda sentences: np.full((len(sentences), 2), np.nan))
        audit(none, "gender", ("men", "women"), [ask(none, WORK, {"gender": GENDER})], {})


def everyday(sentences):
    anger = np.array(
        [0.3 + 0.1 * ("old" in one.text.lower()) + sum(map(ord, one.text)) % 7 / 1000 for one in sentences]
    )
    return np.stack([anger, 1 - anger], axis=1)


def test_pairs_by_group_and_few_swaps_are_told():
    swaps = [Swap(f"my young {who}", f"my old {who}", "age") for who in ("aunt", "dog", "boss", "cat", "friend")]
    swaps += [Swap("a Dane", "a Turk", "nationality")]
    found = audit_pairs(scored(everyday), swaps, "given")
    assert found.swaps == ("age", "nationality", CONTROL) and found.sets == ("everyday", "feelings")
    assert {one.swaps for one in found.flagged()} == {"age"}
    assert found.flagged()[0].mean == pytest.approx(-0.1, abs=0.004) or found.flagged()[0].measure == "happiness"
    (note,) = [one for one in found.notes if one.startswith("everyday")]
    assert "nationality" in note and "age" not in note and "fewer than 5 swaps" in note


def test_a_finding_of_few_swaps_has_its_warning_beside_it():
    swaps = [Swap(f"my young {who}", f"my old {who}", "age") for who in ("aunt", "dog", "boss", "cat", "friend")]
    swaps += [Swap("a Dane", "an old Turk", "nationality")]
    found = audit_pairs(scored(everyday), swaps, "given")
    enough, few, control, *sizes = sentences(found)
    assert enough.startswith("Beyond chance, after Holm") and "under age" in enough and "nationality" not in enough
    assert "fewer than 5 swaps, so that these very words may move the score" in few
    assert "under nationality (1 swap)" in few and "age" not in few.partition(": ")[2]
    assert control == "No effect of the control's neutral swaps is."
    assert any("under nationality (1 swap), " in size for size in sizes)
    shown = {row[2] for row in effect_rows(found)} | {row[1] for row in size_rows(found)}
    assert shown == {"age", "nationality (1 swap)", CONTROL}


def test_a_finding_of_few_swaps_alone_is_not_named_without_its_warning():
    found = audit_pairs(scored(everyday), [Swap("a young man", "an old man")], "age")
    assert found.flagged()
    first = sentences(found)[0]
    assert "fewer than 5 swaps" in first and first.count("under age") == first.count("under age (1 swap)") > 0


def test_pairs_of_ones_own_templates_and_wrong_ones():
    own = TemplateSet("own", ("{} ate.", "So {} left.", "{} is here."))
    found = audit_pairs(scored(everyday), [Swap("a young man", "an old man")], "age", own)
    assert found.sets == ("own",) and found.swaps == ("age", CONTROL)
    with pytest.raises(ConfigError, match="there is no pair"):
        audit_pairs(scored(everyday), [], "age")
    with pytest.raises(ConfigError, match="the group 'control' is that of the neutral swaps"):
        audit_pairs(scored(everyday), [Swap("a", "b", "control")], "age")
    writer = scored(everyday, kind="logarithms")
    with pytest.raises(ConfigError, match="--templates: a writer is asked for a job"):
        audit_pairs(writer, [Swap("a", "b")], "age", own)


def test_sentences_are_for_writers(tmp_path):
    with pytest.raises(ConfigError, match="--sentences: asked of a writer alone"):
        audit_gender(scored(), WOMEN, tmp_path / "winobias.txt")


@pytest.mark.slow
def test_a_bias_planted_in_training_is_found_and_the_control_is_not_flagged(biased_run):
    model = open_scored(str(biased_run))
    found = audit(model, "gender", ("men", "women"), [ask(model, EVERYDAY, {"gender": GENDER, CONTROL: NEUTRAL})], {})
    (anger,) = [one for one in found.flagged() if one.measure == "anger"]
    assert anger.mean < -0.1  # higher for women
    assert not found.flagged(control=True)
    (size,) = [one for one in found.sizes if one.swaps == "gender" and one.measure == "total variation"]
    assert size.more_low > 0
