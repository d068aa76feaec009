"""Copies of posts with words swapped: which there are, and what is as it was."""

from pathlib import Path

import pytest

from feelscope.errors import ConfigError, TableError
from feelscope.post import Post
from feelscope.prepare.counterfactual import AugmentationSettings, counterfactual_copies, shares_answer

POSTS = [
    Post("1", "My mom is furious.", "Mom!", b"picture", "anger", {"votes": 3}, row=7),
    Post("2", "It rains.", emotion="sadness", row=8),
    Post("3", "Peter laughs.", emotion="happiness", row=9),
]


def ids_of(found: list[tuple[Post, ...]]) -> list[list[str]]:
    return [[copy.id for copy in copies] for copies in found]


def test_a_copy_has_other_words_and_an_id_of_its_own_and_all_else_is_kept() -> None:
    pytest.importorskip("denckring_en_pos")
    copies = counterfactual_copies(POSTS, [False] * 3, AugmentationSettings())
    assert copies == [
        (Post("1 swapped", "My dad is furious.", "Dad!", b"picture", "anger", {"votes": 3}),),
        (),
        (),
    ]
    assert copies[0][0].row == 0
    named = counterfactual_copies(POSTS, [False] * 3, AugmentationSettings(names=True))
    assert [[copy.text for copy in copies] for copies in named] == [["My dad is furious."], [], ["Julie laughs."]]


def test_a_copy_that_repeats_a_post_of_the_validation_split_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("first,second\nmom,dad\n")
    settings = AugmentationSettings(str(tmp_path / "pairs.csv"))
    posts = [Post("1", "mom sings"), Post("2", "Dad sings!"), Post("3", "dad sleeps")]
    assert ids_of(counterfactual_copies(posts, [False] * 3, settings)) == [["1 swapped"], ["2 swapped"], ["3 swapped"]]
    found = counterfactual_copies(posts, [False, True, False], settings)
    assert ids_of(found) == [[], ["2 swapped"], ["3 swapped"]]


def test_what_changes_nothing_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("first,second\nlion,tiger\n")
    settings = AugmentationSettings(str(tmp_path / "pairs.csv"))
    said = r"augmentation: none of 2 training posts has a copy with the words of pairs\.csv swapped; leave"
    with pytest.raises(TableError, match=said):
        counterfactual_copies([*POSTS[:2], Post("4", "a lion")], [False, False, True], settings)
    with pytest.raises(ConfigError, match=r"gone\.csv: the list of pairs cannot be read"):
        counterfactual_copies(POSTS, [False] * 3, AugmentationSettings("gone.csv"))
    with pytest.raises(ConfigError, match=r"names: belongs to swaps = 'gender', found 'pairs\.csv'"):
        AugmentationSettings("pairs.csv", names=True)
    with pytest.raises(ConfigError, match="swaps: expected 'gender', or a file of pairs, found ' '"):
        AugmentationSettings(" ")


def test_posts_made_by_rule_come_beside_swapped_ones_and_keep_out_of_the_validation_split(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("first,second\nmom,dad\n")
    posts = [Post("1", "my mom is happier", emotion="joy"), Post("2", "dad sings here", emotion="neutral")]
    settings = AugmentationSettings(str(tmp_path / "pairs.csv"), made=("marks:1", "typos:1.0"))
    assert settings.what == "the words of pairs.csv swapped, or made by rule (marks, typos)"
    found = counterfactual_copies(posts, [False, False], settings)
    assert ids_of(found) == [["1 swapped", "1 marks", "1 typos"], ["2 swapped", "2 marks", "2 typos"]]
    assert found == counterfactual_copies(posts, [False, False], settings)
    alone = AugmentationSettings(swaps="", made=("quotation:1",))
    assert ids_of(counterfactual_copies(posts, [False, True], alone)) == [["1 quotation"], ["2 quotation"]]
    said = counterfactual_copies(posts, [False, True], alone)[0][0].text
    again = [posts[0], Post("3", said, emotion="neutral")]
    with pytest.raises(TableError, match=r"none of 1 training posts has a copy with made by rule \(quotation\); leave"):
        counterfactual_copies(again, [False, True], alone)


def test_only_what_says_the_same_has_the_teachers_answer() -> None:
    copies = {
        kind: Post(f"7 {kind}") for kind in ("swapped", "marks", "typos", "groups", "but", "negation", "quotation")
    }
    assert [kind for kind, copy in copies.items() if shares_answer(copy)] == ["swapped", "marks", "typos", "groups"]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (("typo:0.1",), "made: 'typo' is not known; did you mean 'typos'"),
        (("typos",), "made: expected KIND:SHARE, as in typos:0.2, found 'typos'"),
        (("typos:0",), "made: expected KIND:SHARE with a share above 0, up to 1, found typos:0"),
        (("typos:1.5",), "made: expected KIND:SHARE with a share above 0, up to 1, found typos:1.5"),
        (("typos:0.1", "typos:0.2"), "made: expected each kind once, found typos:0.1, typos:0.2"),
    ],
)
def test_what_cannot_be_made_is_one_line(made: tuple[str, ...], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        AugmentationSettings(made=made)
