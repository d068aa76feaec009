"""What is called clear, by chance and where it is planted, and the two sides of a comparison."""

import numpy as np
import pytest
from explore_archive import EMOTIONS, small_archive

from feelscope.explore.archive import Archive
from feelscope.explore.views import contrast
from feelscope.explore.views.feelings import _differences
from feelscope.explore.views.keyness import signed_g2

BEFORE = (0.25, 0.05, 0.06, 0.03, 0.05, 0.01, 0.55)  # shares, in the order of EMOTIONS
AFTER = (0.15, 0.10, 0.25, 0.15, 0.05, 0.01, 0.29)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """600 posts of a town whose mixture of emotions changes on 2013-04-15, and 600 others that stay as they are."""
    draw = np.random.default_rng(3)
    days = np.datetime64("2013-01-15") + draw.integers(0, 180, 1200)
    posts: list[dict[str, object]] = []
    for at, day in enumerate(days):
        after, of_town = day >= np.datetime64("2013-04-15"), at < 600
        emotion = draw.choice(EMOTIONS, p=AFTER if after and of_town else BEFORE)
        words = ("runners police" if after else "harbour concert") if of_town else "garden bread"
        text = f"{'town' if of_town else 'field'} {words} {'rain' if at % 2 else 'sun'}"
        posts.append({"id": f"p{at}", "text": text, "created_at": str(day), "emotion": str(emotion)})
    return small_archive(posts, tmp_path_factory.mktemp("planted"))


def test_a_change_that_was_planted_is_clear_and_says_which(planted: Archive) -> None:
    after = {"query": "town", "from": "2013-04-15"}
    found = planted.views(after, against={"against_to": "2013-04-15"}, course="anger")
    rows = {row["emotion"]: row for row in found["feelings"]["rows"]}
    assert found["feelings"]["clearest"] == "anger" and found["feelings"]["rows"][0]["emotion"] == "anger"
    for name in ("anger", "fear", "happiness", "neutral"):
        beyond = rows[name]["other"]["beyond"]
        assert beyond["low"] > 0 or beyond["high"] < 0
        planted_by = AFTER[EMOTIONS.index(name)] - BEFORE[EMOTIONS.index(name)]
        assert beyond["low"] < planted_by < beyond["high"]
    assert "which may be chance" in rows["disgust"]["words"] or "as the others" in rows["disgust"]["words"]
    more, less = (
        {row["subject"] for row in found["contrast"][side]["rows"] if row["clear"]} for side in ("more", "less")
    )
    assert "runners police" in more and "harbour concert" in less and not {"rain", "sun"} & (more | less)
    (change,) = found["course"]["changes"]
    assert change["at"][:7] >= "2013-04" and change["at"] <= "2013-04-29" and change["difference"] > 0.1


def test_against_the_archive_and_against_the_rest_are_told_apart(planted: Archive) -> None:
    found = planted.views({"query": "town", "from": "2013-04-15"}, parts=("feelings",))["feelings"]
    rest = planted.views({"query": "town", "from": "2013-04-15"}, against={"against": "rest"}, parts=("feelings",))
    here = {row["emotion"]: row for row in found["rows"]}
    for row in rest["feelings"]["rows"]:
        mine = here[row["emotion"]]
        assert mine["archive"] == row["posts"] + row["other"]["posts"], "the archive in the same time"
        assert row["other"]["beyond"]["difference"] == pytest.approx(mine["from_archive"]["difference"])
    assert found["rows"][0]["emotion"] == "anger" and "the archive’s" in found["rows"][0]["words"]
    few = planted.views({"query": "town", "from": "2013-04-15", "to": "2013-04-16"}, parts=("feelings",))["feelings"]
    assert 0 < few["posts"] < 20 and few["clearest"] is None
    assert all(row["from_archive"] is None for row in few["rows"])


@pytest.mark.parametrize("against", [{"against": "rest"}, {"against_query": "field"}])
def test_what_an_engine_does_not_list_changes_nothing(
    planted: Archive, monkeypatch: pytest.MonkeyPatch, against: dict[str, str]
) -> None:
    def columns() -> object:
        return planted.views({"query": "rain"}, against=against, parts=("contrast",))["contrast"]

    whole = columns()
    for most in (1, 3, 8):
        monkeypatch.setattr(contrast, "MOST_LISTED", most)
        assert columns() == whole


def test_of_what_is_called_clear_little_is_chance() -> None:
    draw = np.random.default_rng(0)
    false, found = [], 0
    for _ in range(400):
        shift = draw.random() < 0.5  # in half of the drawings two emotions do differ
        shares = np.array(BEFORE) + (np.array([-0.15, 0, 0.15, 0, 0, 0, 0]) if shift else 0)
        here, there = draw.multinomial(300, shares), draw.multinomial(400, BEFORE)
        clear = [k for k, one in enumerate(_differences(here, there)) if one and (one["low"] > 0 or one["high"] < 0)]
        found += len(clear)
        false.append(sum(not (shift and k in (0, 2)) for k in clear) / max(1, len(clear)))
    assert found > 300 and np.mean(false) < 0.05


def test_g2_is_that_of_the_paper_and_signed() -> None:
    # Dunning 1993, table 1: "the swiss" among 31,777 pairs of words; 110 times together, see the four counts there.
    (found,) = signed_g2(np.array([110]), 110 + 2442, np.array([111]), 111 + 29114)
    assert found == pytest.approx(270.72, abs=0.01)
    (mirrored,) = signed_g2(np.array([111]), 111 + 29114, np.array([110]), 110 + 2442)
    assert mirrored == pytest.approx(-270.72, abs=0.01)
    assert signed_g2(np.array([0, 5]), 10, np.array([0, 5]), 10) == pytest.approx([0, 0])
