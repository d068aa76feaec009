"""How good word vectors are: do they find similar what people find similar, and do they solve analogies?

Similarity: Spearman's correlation of cosines with people's ratings over the pairs of a set. Analogies: "Athens is to
Greece as Oslo is to ...", the word nearest to Greece - Athens + Oslo, these three left out. Words count in lower case.
Pairs and questions with an unknown word are left out and counted, so only compare scores of equal coverage.

Source: Finkelstein et al. 2002 (WordSim-353); Mikolov et al. 2013, "Efficient Estimation of Word Representations in
Vector Space", section 4 (analogies, 3CosAdd).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.errors import WordsError
from feelscope.words.neighbours import unit
from feelscope.words.text_file import is_number
from feelscope.words.word_vectors import WordVectors

ENDINGS = (".txt", ".tsv", ".csv")
_QUESTIONS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class WordScore:
    """How vectors did on a set."""

    set: str  # its file's name without the ending; for analogies also that of the section
    kind: str  # `similarity` or `analogies`
    score: float | None  # Spearman's correlation or the share of right answers; None where nothing was asked
    used: int  # pairs or questions whose words are known
    all: int


def evaluate(vectors: WordVectors, sets: Path) -> list[WordScore]:
    """Score vectors on the sets of a file or folder; files of a folder that are not sets are skipped.

    Raises:
        WordsError: There is no such file or folder, no set in it, or a set is damaged.
    """
    if not sets.exists():
        raise WordsError(f"{sets}: no such file or folder; give sets of word pairs or analogies")
    files = [sets] if sets.is_file() else sorted(file for file in sets.rglob("*") if file.suffix.lower() in ENDINGS)
    rows_of: dict[str, int] = {}  # words in lower case; of several spellings the first, usually the most frequent
    for row, word in enumerate(vectors.words):
        rows_of.setdefault(word.lower(), row)
    lower = WordVectors(tuple(rows_of), unit(vectors.vectors[list(rows_of.values())]))  # only directions count
    scores: list[WordScore] = []
    for file in files:
        kind, rows = read_set(file)
        if kind == "similarity":
            scores.append(_similarity(lower, file.stem, rows))
        elif kind == "analogies":
            scores += _analogies(lower, file.stem, rows)
        elif sets.is_file():
            raise WordsError(f"{file}: has neither word pairs with ratings nor analogies; give another file")
    if not scores:
        raise WordsError(f"{sets}: there is no set of word pairs or analogies; give another folder")
    return scores


def read_set(file: Path) -> tuple[str, list[list[str]]]:
    """The rows of a set and its kind: `similarity` (word, word, rating), `analogies`, or empty for anything else.

    Analogies are four words per line, below lines ": SECTION". Lines that begin with # are comments.

    Raises:
        WordsError: A line differs from those before it.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WordsError(f"{file}: cannot be read as text ({type(error).__name__}); check the file") from error
    rows: list[list[str]] = []
    kind = ""
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t") if "\t" in line else line.replace(",", " ").split()
        fields = [field.strip() for field in fields]
        kind_of_line = "analogies" if fields[0].startswith(":") or len(fields) == 4 else ""
        if len(fields) == 3 and is_number(fields[2]):
            kind_of_line = "similarity"
        if not kind and not kind_of_line:
            return "", []
        kind = kind or kind_of_line
        if kind_of_line != kind:
            raise WordsError(f"{file}, line {number}: {line[:60]!r} does not fit the {kind} above; correct the line")
        rows.append(fields)
    return kind, rows


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's correlation of ranks (N,); equal values share the mean of their ranks."""
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[where]


def _similarity(vectors: WordVectors, name: str, rows: list[list[str]]) -> WordScore:
    known = [(a.lower(), b.lower(), float(r)) for a, b, r in rows if a.lower() in vectors and b.lower() in vectors]
    score = None
    if len(known) >= 3:
        every = vectors.vectors
        left, right = every[vectors.rows(a for a, _, _ in known)], every[vectors.rows(b for _, b, _ in known)]  # (N, D)
        cosines, ratings = (left * right).sum(axis=1), np.array([pair[2] for pair in known])  # (N,)
        if cosines.std() > 0 and ratings.std() > 0:
            score = spearman(cosines, ratings)
    return WordScore(name, "similarity", score, len(known), len(rows))


def _analogies(vectors: WordVectors, name: str, rows: list[list[str]]) -> list[WordScore]:
    sections: dict[str, list[list[str]]] = {}
    section = ""
    for fields in rows:
        if fields[0].startswith(":"):
            section = " ".join(fields).removeprefix(":").strip()
        else:
            sections.setdefault(section, []).append([field.lower() for field in fields])
    scores = [
        _answer(vectors, f"{name}: {section}" if section else name, questions)
        for section, questions in sections.items()
    ]
    if len(scores) > 1:
        used, asked = sum(score.used for score in scores), sum(score.all for score in scores)
        right = sum(round((score.score or 0) * score.used) for score in scores)
        scores.insert(0, WordScore(name, "analogies", right / used if used else None, used, asked))
    return scores


def _answer(vectors: WordVectors, name: str, questions: list[list[str]]) -> WordScore:
    every = vectors.vectors
    rows = [vectors.rows(question) for question in questions]
    known = np.array([row for row in rows if len(row) == 4], dtype=np.int64)  # (Q, 4)
    right = 0
    for start in range(0, len(known), _QUESTIONS_AT_ONCE):
        a, b, c, d = known[start : start + _QUESTIONS_AT_ONCE].T  # (P,) each
        cosines = unit(every[b] - every[a] + every[c]) @ every.T  # (P, V)
        for given in (a, b, c):
            cosines[np.arange(len(a)), given] = -np.inf
        right += int((cosines.argmax(axis=1) == d).sum())
    return WordScore(name, "analogies", right / len(known) if len(known) else None, len(known), len(questions))
