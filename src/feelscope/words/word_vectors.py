"""Words and their vectors: the shape that every file of word vectors is read into."""

from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import numpy as np

from feelscope.errors import WordsError


@dataclass(frozen=True, slots=True, eq=False)
class WordVectors:
    """A vector for each word; `word in vectors`, `vectors[word]` and `len(vectors)` work."""

    words: tuple[str, ...]  # (V,), each once, in the order of the file
    vectors: np.ndarray  # float32 (V, D), one row per word
    index: dict[str, int] = field(init=False, repr=False)  # word to row

    def __post_init__(self) -> None:
        index = {word: row for row, word in enumerate(self.words)}
        assert len(index) == len(self.words), "a word is there twice"
        assert self.vectors.shape[:1] == (len(index),) and self.vectors.dtype == np.float32, self.vectors.shape
        object.__setattr__(self, "index", index)

    @property
    def width(self) -> int:
        """D."""
        return self.vectors.shape[1]

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __getitem__(self, word: str) -> np.ndarray:
        """The vector (D,) of a word; `KeyError` for one without."""
        return self.vectors[self.index[word]]

    def rows(self, words: Iterable[str]) -> list[int]:
        """The row of each word that has one, in order; the others are left out."""
        return [row for row in map(self.index.get, words) if row is not None]

    def table(self) -> np.ndarray:
        """float32 (V + 1, D): zeros for id 0, padding and unknown words, then `vectors`; ids as `tokenizer_file`."""
        return np.concatenate([np.zeros((1, self.width), np.float32), self.vectors])


class Gathering:
    """The words of a file as they are read: only those wanted are kept, each once.

    Args:
        keep: The words that are wanted; None wants all.
        source: The file's name, for messages.
        unit: What a position in the file is called: `line` or `byte`.
    """

    def __init__(self, keep: Collection[str] | None, source: str, unit: str):
        self._wanted = None if keep is None else {word.encode("utf-8", "replace") for word in keep}
        self._source, self._unit = source, unit
        self._numbers = array("f")
        self._places: dict[str, int] = {}  # word to its position in the file

    def wants(self, word: bytes) -> bool:
        """Whether a word, as the file writes it, is to be kept."""
        return self._wanted is None or word in self._wanted

    def add(self, word: bytes, numbers: Iterable[float] | bytes, place: int) -> None:
        """Keep a word; `numbers` are D floats or their little-endian 4-byte form.

        Raises:
            WordsError: The word is not UTF-8 or was there before.
        """
        try:
            name = word.decode()
        except UnicodeDecodeError:
            raise self.fault(
                place, f"the word {word[:40]!r} is not UTF-8", "save the file as UTF-8, or ask only for words you need"
            ) from None
        if name in self._places:
            raise self.fault(
                place,
                f"the word {name!r} is there again, first at {self._unit} {self._places[name]}",
                "remove one of the two",
            )
        self._places[name] = place
        if isinstance(numbers, bytes):
            self._numbers.frombytes(np.frombuffer(numbers, "<f4").astype(np.float32).tobytes())
        else:
            self._numbers.extend(numbers)

    def fault(self, place: int, what: str, repair: str) -> WordsError:
        """The one line that says where a file is wrong."""
        return WordsError(f"{self._source}, {self._unit} {place}: {what}; {repair}")

    def done(self, width: int, vectors: np.ndarray | None = None) -> WordVectors:
        """All that was kept.

        Args:
            vectors: (V, D), where they were not given word by word.

        Raises:
            WordsError: A number is infinite or not a number.
        """
        if vectors is None:
            vectors = np.frombuffer(self._numbers, np.float32).reshape(-1, width)
        words = tuple(self._places)
        for row in np.flatnonzero(~np.isfinite(vectors).all(axis=1)):
            raise self.fault(
                self._places[words[row]],
                f"the vector of {words[row]!r} has a number that is infinite or not a number",
                "download or export the file again",
            )
        return WordVectors(words, vectors.astype(np.float32, copy=False))
