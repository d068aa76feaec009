"""The tagger against the package's own, which tags a word at a time."""

import gzip
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feelscope.errors import FeelscopeError, MissingExtra
from feelscope.text.tagger import Tagger, load_tagger

pytest.importorskip("denckring_en_pos")

WORDS = """the The a dog cats ran running quickly of in New York "quoted" i I don n't 's U.S. 2012 3rd 21m naïve
Ünsinn zzyx that which will can be very good better best and or but while to from obama Obama's ﷽ 你好 ª""".split()
SENTENCES = [
    "The quick brown fox jumps over the lazy dog".split(),
    "i do n't think that running is good for you".split(),
    "Obama signs new health care law in Washington".split(),
    ["What"],
    [],
]


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return load_tagger()


@pytest.fixture
def fresh() -> Iterator[None]:
    load_tagger.cache_clear()
    yield
    load_tagger.cache_clear()


def tags(tagger: Tagger, sentences: list[list[str]]) -> list[list[str]]:
    lengths = np.array([len(sentence) for sentence in sentences], int)
    numbers = tagger.tag([word for sentence in sentences for word in sentence], lengths)
    assert numbers.dtype == np.uint8
    return [[tagger.tags[number] for number in some] for some in np.split(numbers, np.cumsum(lengths))[:-1]]


def one_at_a_time(sentences: list[list[str]]) -> list[list[str]]:
    from denckring_en_pos import tagger

    return [tagger().tag(sentence) for sentence in sentences]


def test_the_same_tags_as_the_packages_own_code(tagger: Tagger) -> None:
    assert tags(tagger, SENTENCES) == one_at_a_time(SENTENCES)


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=12), max_size=8))
def test_the_same_tags_for_any_sentences(tagger: Tagger, sentences: list[list[str]]) -> None:
    assert tags(tagger, sentences) == one_at_a_time(sentences)


def test_no_sentences(tagger: Tagger) -> None:
    assert len(tagger.tag([], np.array([], int))) == 0
    assert tags(tagger, [[], []]) == [[], []]


def test_words_are_forgotten_where_there_are_too_many(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feelscope.text.tagger._MOST_FORMS", 3)
    for _ in range(3):
        assert tags(tagger, SENTENCES) == one_at_a_time(SENTENCES)


def test_a_missing_package_is_one_line(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install \"denckring-en-pos>=0\.6,<0\.7\""):
        load_tagger()


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"{}"), gzip.compress(b'{"weights": 1')],
    ids=["nothing", "no gzip", "no weights", "torn"],
)
def test_a_broken_model_is_one_line(
    fresh: None, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tagger.json.gz").write_bytes(content)
    spec = type("Spec", (), {"submodule_search_locations": [str(tmp_path)]})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(FeelscopeError, match=r"tagger\.json.gz: not a model with the layout"):
        load_tagger()


def test_a_small_model_by_hand() -> None:
    weights = {
        "bias": {"N": 0.1},
        "w run": {"V": 0.5},
        "t-1 D": {"N": 1.0},
        "t-1 w D run": {"N": -0.2},
        "w+1 </s>": {"V": 0.1},
        "t-2 D": {"V": 0.2},
    }
    small = Tagger(weights, {"the": "D"}, ["D", "N", "V"])
    # run after "the": N 0.1 + 1.0 - 0.2, V 0.5. x: N 0.1, V 0.2 + 0.1. run alone: N 0.1, V 0.5 + 0.1. x alone: a tie.
    assert tags(small, [["the", "run", "x"], ["run"], ["x"]]) == [["D", "N", "V"], ["V"], ["V"]]
