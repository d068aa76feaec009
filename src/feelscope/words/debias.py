"""Hard debias: the gender direction is taken out of every word that does not itself say a gender.

    g    the first principal component of the pairs that define gender (she and he, ...), each about its own middle
    neutralise   v - (v.g) g for every word that is not specific to a gender, then length 1
    equalise     a, b = y + z g, y - z g   for each pair, with y = the middle of a and b without g and
                                           z = sqrt(1 - |y|^2), or minus that where (a - b).g < 0

Vectors have length 1 throughout, as published; to give them their old lengths back is ours.

Source: Bolukbasi et al. 2016, "Man is to Computer Programmer as Woman is to Homemaker?", section 6, and the authors'
program, whose lists of words are in `gender_words.json`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from feelscope.errors import WordsError
from feelscope.files import read_json
from feelscope.words.word_vectors import WordVectors

Pairs = Sequence[tuple[str, str]]
_FILE = Path(__file__).with_name("gender_words.json")


@dataclass(frozen=True, slots=True)
class GenderWords:
    """What is known of words.

    Args:
        definitional: Pairs that define the gender direction.
        equalize: Pairs that differ in nothing but gender.
        specific: Words that say a gender by what they mean, and keep it.
    """

    definitional: tuple[tuple[str, str], ...]
    equalize: tuple[tuple[str, str], ...]
    specific: frozenset[str]

    def lowered(self) -> "GenderWords":
        """The same for vectors of words in small letters."""
        definitional, equalize = (
            tuple((a.lower(), b.lower()) for a, b in pairs) for pairs in (self.definitional, self.equalize)
        )
        return GenderWords(definitional, equalize, frozenset(word.lower() for word in self.specific))


@dataclass(frozen=True, slots=True)
class Debiased:
    """Vectors without gender, and what was done to them.

    Args:
        share: Of what the definitional pairs differ in, the share that lies in the gender direction, 0 to 1.
        pairs: Definitional pairs that have vectors.
        neutralised, equalised: How many words, and how many pairs.
    """

    vectors: WordVectors
    share: float
    pairs: int
    neutralised: int
    equalised: int


@cache
def gender_words() -> GenderWords:
    """The published lists: 10 definitional pairs, 52 pairs to equalise, 1,441 words that are specific to a gender."""
    values: Mapping[str, list] = read_json(_FILE, WordsError, "install Feelscope again")
    definitional, equalize = (tuple((a, b) for a, b in values[name]) for name in ("definitional", "equalize"))
    return GenderWords(definitional, equalize, frozenset(values["specific"]))


def debias(vectors: WordVectors, words: GenderWords | None = None, *, keep_lengths: bool = False) -> Debiased:
    """Take gender out of word vectors.

    Args:
        words: By default the published lists, in small letters where no word of the vectors has a capital.
        keep_lengths: Give each vector its old length back, which may say how frequent a word is.

    Raises:
        WordsError: No definitional pair has two different vectors.
    """
    if words is None:
        words = gender_words()
        if all(word == word.lower() for word in vectors.words):
            words = words.lowered()
    lengths = np.linalg.norm(vectors.vectors, axis=1, keepdims=True)  # (V, 1)
    table = _to_length_1(vectors.vectors)  # (V, D)
    direction, share, count = gender_direction(WordVectors(vectors.words, table), words.definitional)
    neutral = np.array([word not in words.specific for word in vectors.words])  # (V,)
    table[neutral] -= np.outer(table[neutral] @ direction, direction)
    table = _to_length_1(table)
    pairs = [pair for pair in _in_all_cases(words.equalize) if pair[0] in vectors and pair[1] in vectors]
    for one, other in pairs:
        rows = vectors.index[one], vectors.index[other]
        table[rows[0]], table[rows[1]] = equalised(table[rows[0]], table[rows[1]], direction)
    table = _to_length_1(table)
    if keep_lengths:
        table *= lengths
    found = WordVectors(vectors.words, table.astype(np.float32))
    return Debiased(found, share, count, int(neutral.sum()), len(pairs))


def gender_direction(vectors: WordVectors, pairs: Pairs) -> tuple[np.ndarray, float, int]:
    """The gender direction (D,) of length 1, its share of the pairs' variance, and how many pairs have vectors.

    Raises:
        WordsError: No pair has two different vectors.
    """
    known = [(vectors[a], vectors[b]) for a, b in pairs if a in vectors and b in vectors]
    rows = np.array([half for a, b in known for half in ((a - b) / 2, (b - a) / 2)], np.float64)  # (2 P, D)
    if not rows.any():
        shown = ", ".join(f"{a} and {b}" for a, b in pairs[:3])
        raise WordsError(
            f"the vectors have no pair of words that defines gender ({shown}, ...); give vectors of English"
        )
    _, values, directions = np.linalg.svd(rows, full_matrices=False)  # their mean is 0
    share = float(values[0] ** 2 / (values**2).sum())
    return directions[0].astype(np.float32), share, len(known)


def equalised(one: np.ndarray, other: np.ndarray, direction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two vectors (D,) that differ in the direction alone, and are of length 1."""
    middle = (one + other) / 2
    rest = middle - (middle @ direction) * direction  # (D,)
    height = np.sqrt(max(0.0, 1.0 - float(rest @ rest)))
    if (one - other) @ direction < 0:
        height = -height
    return rest + height * direction, rest - height * direction


def _to_length_1(table: np.ndarray) -> np.ndarray:
    """A copy whose rows (V, D) have length 1; a vector of zeros stays."""
    lengths = np.linalg.norm(table, axis=1, keepdims=True)  # (V, 1)
    return table / np.where(lengths > 0, lengths, 1)


def _in_all_cases(pairs: Pairs) -> list[tuple[str, str]]:
    """Each pair in small letters, with first capitals and in capitals."""
    forms = (str.lower, str.title, str.upper)
    return [*dict.fromkeys((form(a), form(b)) for a, b in pairs for form in forms)]
