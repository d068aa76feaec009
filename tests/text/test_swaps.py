"""Lists of pairs, and the swap of any words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.errors import ConfigError
from feelscope.text.swaps import WordSwap, read_partners


def pairs(folder: Path, *lines: str) -> dict[str, str]:
    (folder / "pairs.csv").write_text("\n".join(lines), encoding="utf-8")
    return read_partners(folder / "pairs.csv")


def test_a_pair_goes_both_ways_and_further_words_one_way(tmp_path: Path) -> None:
    found = pairs(tmp_path, "# ours", "Group,first,second", "kin,Dad,mom|mum", "", "# more", ',"don’t",do  so')
    assert found == {"dad": "mom", "mom": "dad", "mum": "dad", "don't": "do so", "do so": "don't"}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("first,second", "a,b", "c, A"), r"pairs\.csv, line 3: 'a' is in a pair already; leave it in one of the two"),
        (("first,second", "Same,same"), r"line 2: 'same' is paired with itself; give two different words"),
        (("first,second", "old"), r"line 2: expected two words or phrases, found 'old, '"),
        (("first,second", "old,"), r"line 2: expected two words or phrases"),
        (("first,second", "old,!!"), r"line 2: expected two words or phrases"),
        (("first,second", "old,new|"), r"line 2: expected two words or phrases"),
        (("first,second", "well, young,old"), r"line 2: more cells than the heading has, in 'well, young, old'"),
        (("a,b,c", "1,2,3"), r"pairs\.csv: expected a heading of two columns.*; found 'a, b, c'"),
        (("dad,mom",), r"pairs\.csv: no pair below the heading"),
        (
            ("dad", "mom"),
            r"pairs\.csv: expected a heading of two columns, such as first,second, and .*; found 'dad'",
        ),
        ((), r"pairs\.csv: expected a heading of two columns.*; found nothing"),
        (("first,second",), r"pairs\.csv: no pair below the heading; add lines such as dad,mom"),
        (("first,second", '"dad,mom'), r"pairs\.csv: the list of pairs is not a CSV file in UTF-8"),
    ],
)
def test_a_wrong_list_is_one_line(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        pairs(tmp_path, *lines)


def test_a_list_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.csv: the list of pairs cannot be read .*; check its path"):
        read_partners(tmp_path / "gone.csv")
    (tmp_path / "pairs.csv").write_bytes(b"first,second\n\xff,a")
    with pytest.raises(ConfigError, match="is not a CSV file in UTF-8"):
        read_partners(tmp_path / "pairs.csv")


def test_words_and_phrases_are_swapped_where_they_are_whole() -> None:
    swap = WordSwap({"old man": "young man", "young man": "old man", "cat": "dog", "dog": "cat"})
    assert swap(["The OLD  MAN's Cat, #cat @dog concat; cat-like http://x.org/cat", "None"]) == [
        "The YOUNG MAN's Dog, #cat @dog concat; dog-like http://x.org/cat",
        "None",
    ]


@given(st.lists(st.sampled_from(["cat", "Dog", "COW", "dog’s", "#cat", "İcat", "\n", "a.", "x"]), max_size=12))
def test_swapped_twice_is_as_before(words: list[str]) -> None:
    swap, text = WordSwap({"cat": "dog", "dog": "cat"}), " ".join(words)
    assert swap(swap([text])) == [text]
