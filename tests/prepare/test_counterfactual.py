"""Copies of posts with words swapped: which there are, and what is as it was."""

from pathlib import Path

import pytest

from feelscope.errors import ConfigError, TableError
from feelscope.post import Post
from feelscope.prepare.counterfactual import AugmentationSettings, counterfactual_copies

POSTS = [
    Post("1", "My mom is furious.", "Mom!", b"picture", "anger", {"votes": 3}, row=7),
    Post("2", "It rains.", emotion="sadness", row=8),
    Post("3", "Peter laughs.", emotion="happiness", row=9),
]


def test_a_copy_has_other_words_and_an_id_of_its_own_and_all_else_is_kept() -> None:
    pytest.importorskip("denckring_en_pos")
    copies = counterfactual_copies(POSTS, [False] * 3, AugmentationSettings())
    assert copies == [
        Post("1 swapped", "My dad is furious.", "Dad!", b"picture", "anger", {"votes": 3}),
        None,
        None,
    ]
    assert copies[0] is not None and copies[0].row == 0
    named = counterfactual_copies(POSTS, [False] * 3, AugmentationSettings(names=True))
    assert [copy and copy.text for copy in named] == ["My dad is furious.", None, "Julie laughs."]


def test_a_copy_that_repeats_a_post_of_the_validation_split_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("first,second\nmom,dad\n")
    settings = AugmentationSettings(str(tmp_path / "pairs.csv"))
    posts = [Post("1", "mom sings"), Post("2", "Dad sings!"), Post("3", "dad sleeps")]
    assert [copy and copy.id for copy in counterfactual_copies(posts, [False] * 3, settings)] == [
        "1 swapped",
        "2 swapped",
        "3 swapped",
    ]
    found = counterfactual_copies(posts, [False, True, False], settings)
    assert [copy and copy.id for copy in found] == [None, "2 swapped", "3 swapped"]


def test_what_changes_nothing_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("first,second\nlion,tiger\n")
    settings = AugmentationSettings(str(tmp_path / "pairs.csv"))
    said = r"augmentation: none of 2 training posts changes when the words of pairs\.csv are swapped; leave"
    with pytest.raises(TableError, match=said):
        counterfactual_copies([*POSTS[:2], Post("4", "a lion")], [False, False, True], settings)
    with pytest.raises(ConfigError, match=r"gone\.csv: the list of pairs cannot be read"):
        counterfactual_copies(POSTS, [False] * 3, AugmentationSettings("gone.csv"))
    with pytest.raises(ConfigError, match=r"names: belongs to swaps = 'gender', found 'pairs\.csv'"):
        AugmentationSettings("pairs.csv", names=True)
    with pytest.raises(ConfigError, match="swaps: expected 'gender', or a file of pairs, found ' '"):
        AugmentationSettings(" ")
