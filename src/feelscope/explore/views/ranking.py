"""Which subjects stand out among some posts, and which of them are shown as one row.

A subject's score is the number of posts that have it, times ln(N / df): N posts in the archive, of which df have it.
Of the best 200, those that repeat the query are left out, and similar ones are merged. Two are similar where

- the words of one occur in the other, in their order and next to one another, or
- of all their words, 3 of 10 or more are in both (Jaccard similarity), or
- fewer than 3 letters have to be changed, and the shorter one has 8 or more ("colour tv", "color tv").

Starting from the best, each subject that is similar to none before it begins a row; others join the first row whose
first subject they are similar to. The subject that most posts of the archive have names the row and gives its figures.

Source:
    Handler and O'Connor 2017, "Rookie". Theirs compares letters and not words in the first rule, which finds "art"
    in "party", and has no least length in the third, which merges "iran" and "iraq", and any two emoji.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from feelscope.explore.index.vocabulary import Vocabulary
from feelscope.explore.search.query_text import parse_query
from feelscope.text.stems import stems

BEST = 200
_SIMILAR = 0.3
_CHANGES = 3
_LETTERS = 8


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """One row: a subject and those that are similar to it.

    Args:
        number: Of the subject that gives name and figures.
        posts: That have it, among those that match.
        merged: Numbers of the others, best first.
    """

    number: int
    posts: int
    score: float
    merged: tuple[int, ...] = ()


def best(counts: Mapping[int, int], vocabulary: Vocabulary, posts: int, most: int = BEST) -> list[tuple[int, float]]:
    """The numbers of the subjects with the best scores, and these; of equals the first in the vocabulary's spelling.

    Args:
        counts: Subject to the number of matching posts that have it.
        posts: In the archive.
    """
    numbers = np.fromiter(counts.keys(), np.int64, len(counts))
    scores = np.fromiter(counts.values(), np.float64, len(counts)) * np.log(posts / vocabulary.posts[numbers])
    if len(numbers) > most:
        worst = np.partition(scores, -most)[-most]
        keep = scores >= worst
        numbers, scores = numbers[keep], scores[keep]
    pairs = zip(numbers.tolist(), scores.tolist(), strict=True)
    return sorted(pairs, key=lambda pair: (-pair[1], vocabulary.text(pair[0])))[:most]


def least_that_counts(scores: Sequence[tuple[int, float]], posts: int, rarest: int, most: int = BEST) -> float:
    """How many posts a subject must have to come among the best, whatever its df: those with fewer need no look.

    Args:
        rarest: The lowest df of a subject.
    """
    return scores[most - 1][1] / math.log(posts / rarest) if len(scores) >= most and posts > rarest else 0.0


def merged_rows(
    scores: Sequence[tuple[int, float]],
    counts: Mapping[int, int],
    vocabulary: Vocabulary,
    queries: Sequence[str],
    *,
    by_score: bool = False,
) -> list[SubjectRow]:
    """The rows of the best subjects, in the order of the scores shown.

    Args:
        scores: Best first.
        queries: Subjects that repeat one are left out.
        by_score: Name a row by the longest of its subjects that have at least half of the posts of its best one, and
            not by the most frequent one.
    """
    asked: list[Sequence[str]] = []
    for parsed in map(parse_query, queries):
        asked += [*((word,) for word in parsed.words), *parsed.phrases, parsed.all]
    any_asked = {word for phrase in asked for word in phrase}
    words_of = []
    for number, _ in scores:
        words = _words(vocabulary.text(number))
        if any_asked.isdisjoint(words) or not any(_either_holds(words, phrase) for phrase in asked):
            words_of.append((number, words))
    groups = _groups([vocabulary.text(number) for number, _ in words_of], [words for _, words in words_of])
    by_number = dict(scores)
    rows = []
    for group in groups:
        numbers = [words_of[place][0] for place in group]
        if by_score:
            often = [number for number in numbers if 2 * counts[number] >= counts[numbers[0]]]
            shown = max(often, key=lambda number: len(_words(vocabulary.text(number))))  # the best of equals
        else:
            shown = max(numbers, key=lambda number: (int(vocabulary.posts[number]), by_number[number]))
        others = tuple(number for number in numbers if number != shown)
        rows.append(SubjectRow(shown, counts[shown], by_number[shown], others))
    return sorted(rows, key=lambda row: (-row.score, vocabulary.text(row.number)))


def _groups(texts: Sequence[str], words: Sequence[tuple[str, ...]]) -> list[list[int]]:
    """Places of the subjects of each row, the first one first.

    Only those that share a word, or differ in few letters, are compared: most pairs do neither.
    """
    groups: list[list[int]] = []
    with_word: dict[str, list[int]] = {}  # word to the groups whose first subject has it
    spelt_alike = _spelt_alike(texts)
    group_of: dict[int, int] = {}  # place of a first subject to its group
    for place, own in enumerate(words):
        shared: dict[int, int] = {}  # group to the words that its first subject shares
        for word in set(own):
            for group in with_word.get(word, ()):
                shared[group] = shared.get(group, 0) + 1
        similar = []
        for group, count in shared.items():
            first = words[groups[group][0]]
            if count >= _SIMILAR * (len({*first, *own})) or _either_holds(first, own):
                similar.append(group)
        if place in spelt_alike:
            similar += [group_of[other] for other in spelt_alike[place] if other in group_of]
        if similar:
            groups[min(similar)].append(place)
            continue
        for word in set(own):
            with_word.setdefault(word, []).append(len(groups))
        group_of[place] = len(groups)
        groups.append([place])
    return groups


def _spelt_alike(texts: Sequence[str]) -> dict[int, list[int]]:
    """The third rule: for each place those before it that differ in few letters."""
    long = [place for place, text in enumerate(texts) if len(text) >= _LETTERS]
    compared = [texts[place] for place in long]
    distances = cdist(compared, compared, scorer=Levenshtein.distance, score_cutoff=_CHANGES - 1, dtype=np.uint8)
    pairs: dict[int, list[int]] = {}
    for earlier, later in np.argwhere(np.triu(distances < _CHANGES, 1)).tolist():
        pairs.setdefault(long[later], []).append(long[earlier])
    return pairs


@lru_cache(100_000)
def _words(subject: str) -> tuple[str, ...]:
    """The stems of a subject; what has none, as some signs, is one word."""
    return tuple(stems(subject)) or (subject,)


def _either_holds(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether the words of one occur in the other, next to one another."""
    short, long = (first, second) if len(first) <= len(second) else (second, first)
    if len(short) == 1:
        return short[0] in long
    starts = range(len(long) - len(short) + 1)
    return any(tuple(long[start : start + len(short)]) == tuple(short) for start in starts)
