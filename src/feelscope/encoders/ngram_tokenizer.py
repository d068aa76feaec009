"""N-grams as the tokenizer of a saved model: `tokenizer.json` says which are known, and ids are read from a text.

It has the methods of `tokenizer.Tokenizer`; `open_tokenizer` opens whichever of the two a model has.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from feelscope.encoders.ngrams import NGrams
from feelscope.encoders.tokenizer import READINGS, Tokenizer, Tokens, texts_for_tokens
from feelscope.errors import ModelError
from feelscope.files import read_json, write_json
from feelscope.post import Post

_KIND = "n-grams"
_STARTS = b'{"kind": "n-grams"'  # of the file; one of the tokenizers library starts otherwise
_MOST_BYTES = 100_000_000
_REPAIR = "train or copy the model again"


class NGramTokenizer:
    """Reads title and text of a post as the ids of their n-grams.

    Args:
        length: Most words of a post; the rest is left out.
        reading: As of `Tokenizer`.
    """

    def __init__(self, ngrams: NGrams, length: int, reading: str = READINGS[0]):
        self.ngrams, self.length, self.reading = ngrams, length, reading

    def __call__(self, post: Post) -> Tokens:
        """The ids of a post; a title that only repeats the text is read once."""
        return self.encode(*texts_for_tokens(post, self.length, self.reading))

    def encode(self, texts: list[str], cut: bool) -> Tokens:
        """The ids of what `texts_for_tokens` gives; one 0 where none is known."""
        ids, more = self.ngrams.ids(texts, self.length)
        return Tokens(ids or [0], cut=cut or more)

    def encode_all(self, asked: Sequence[tuple[list[str], bool]]) -> list[Tokens]:
        """What `encode` gives of each."""
        return [self.encode(*one) for one in asked]


def open_tokenizer(file: Path, length: int, pairs: bool, reading: str = READINGS[0]) -> Tokenizer | NGramTokenizer:
    """The tokenizer of a saved model; arguments and errors as of `Tokenizer`."""
    try:
        with file.open("rb") as opened:
            is_ngrams = opened.read(len(_STARTS)) == _STARTS
    except OSError as error:
        raise ModelError(f"{file}: cannot be read ({error.strerror}); {_REPAIR}") from error
    return NGramTokenizer(read_ngrams(file), length, reading) if is_ngrams else Tokenizer(file, length, pairs, reading)


def write_ngrams(ngrams: NGrams, file: Path) -> None:
    """Write a `tokenizer.json` that `read_ngrams` reads."""
    write_json(file, {"kind": _KIND, "words": ngrams.words, "characters": ngrams.characters}, indent=None)


def read_ngrams(file: Path) -> NGrams:
    """The n-grams of a `tokenizer.json`, which may be foreign.

    Raises:
        ModelError: It is damaged.
    """
    values = read_json(file, ModelError, _REPAIR, _MOST_BYTES)
    words, characters = (_different(values.get(name), name, file) for name in ("words", "characters"))
    return NGrams(words, characters)


def _different(value: Any, name: str, file: Path) -> tuple[str, ...]:
    if not (isinstance(value, list) and all(isinstance(one, str) for one in value) and len({*value}) == len(value)):
        raise ModelError(f"{file}: {name}: expected different texts; {_REPAIR}")
    return tuple(value)
