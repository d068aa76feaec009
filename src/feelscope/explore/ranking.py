"""Which subjects stand out among some posts, and which of them are one.

A subject's score is the number of posts that have it, times ln(N / df): N posts in the archive, of which df have it.
Of the best 200, those that repeat the query are left out, and those that are alike are one row. Two are alike where

- the words of one stand in the other, in their order and behind one another, or
- of the words of both, 3 of 10 or more stand in either (Jaccard similarity), or
- fewer than 3 letters have to be changed, and the shorter one has 8 or more ("colour tv", "color tv").

Starting from the best, each subject that none before is like begins a row; those alike join the first row whose first
subject they are like. The subject of a row that most posts of the archive have gives its name and its figures.

Source:
    Handler and O'Connor 2017, "Rookie". Theirs compares letters and not words in the first rule, which makes "art" a
    part of "party", and has no least length in the third, which makes "iran" and "iraq" one, and any two emoji.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from feelscope.explore.query_text import read_query
from feelscope.explore.vocabulary import Vocabulary
from feelscope.text.stems import stems

BEST = 200
_ALIKE = 0.3
_CHANGES = 3
_LETTERS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a subject and those that are like it.

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


def rows(
    scores: Sequence[tuple[int, float]], counts: Mapping[int, int], vocabulary: Vocabulary, query: str
) -> list[Row]:
    """The rows of the best subjects, in the order of the scores shown.

    Args:
        scores: Best first.
        query: Subjects that repeat it are left out.
    """
    wanted = read_query(query)
    asked = [(word,) for word in wanted.words] + list(wanted.phrases)
    whole = tuple(stems(query.replace('"', " ")))
    asked += [whole] if whole else []
    known = [(number, _words(vocabulary.text(number))) for number, _ in scores]
    if asked:
        any_asked = {word for one in asked for word in one}
        known = [
            (number, words)
            for number, words in known
            if any_asked.isdisjoint(words) or not any(_holds_either(words, one) for one in asked)
        ]
    groups = _groups([vocabulary.text(number) for number, _ in known], [words for _, words in known])
    by_number = dict(scores)
    found = []
    for group in groups:
        numbers = [known[place][0] for place in group]
        shown = max(numbers, key=lambda number: (int(vocabulary.posts[number]), by_number[number]))
        others = tuple(number for number in numbers if number != shown)
        found.append(Row(shown, counts[shown], by_number[shown], others))
    return sorted(found, key=lambda row: (-row.score, vocabulary.text(row.number)))


def _groups(texts: Sequence[str], words: Sequence[tuple[str, ...]]) -> list[list[int]]:
    """Places of subjects that are one row, each with the first that it is like.

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
        like = [group for group, count in shared.items() if _share_enough(words[groups[group][0]], own, count)]
        if place in spelt_alike:
            like += [group_of[other] for other in spelt_alike[place] if other in group_of]
        if like:
            groups[min(like)].append(place)
            continue
        for word in set(own):
            with_word.setdefault(word, []).append(len(groups))
        group_of[place] = len(groups)
        groups.append([place])
    return groups


def _share_enough(one: Sequence[str], other: Sequence[str], shared: int) -> bool:
    """The first two rules, of two subjects that share some words."""
    together = len({*one}) + len({*other}) - shared
    return shared >= _ALIKE * together or _holds_either(one, other)


def _spelt_alike(texts: Sequence[str]) -> dict[int, list[int]]:
    """The third rule: for each place those before it that differ in few letters."""
    long = sorted((place for place, text in enumerate(texts) if len(text) >= _LETTERS), key=lambda at: len(texts[at]))
    if len(long) < 2:
        return {}
    lengths = np.array([len(texts[place]) for place in long])
    # Each with those behind it that are at most two letters longer; a change moves at most two of the counts of
    # letters by one each. Both leave few pairs for the closer look.
    ends = np.searchsorted(lengths, lengths + _CHANGES)
    several = ends - np.arange(1, len(long) + 1)
    first = np.repeat(np.arange(len(long)), several)  # (pairs,)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(several) - several, several)
    letters = np.stack([_letters(texts[place]) for place in long])  # (long, 32)
    near = np.abs(letters[first] - letters[second]).sum(axis=1, dtype=np.int16) <= 2 * (_CHANGES - 1)
    found: dict[int, list[int]] = {}
    for one, other in zip(first[near].tolist(), second[near].tolist(), strict=True):
        earlier, later = sorted((long[one], long[other]))
        if changes(texts[earlier], texts[later]) < _CHANGES:
            found.setdefault(later, []).append(earlier)
    return found


@lru_cache(100_000)
def _letters(text: str) -> np.ndarray:
    """How often each letter stands in a text, told apart by the last five bits of its number: int8 (32,)."""
    counts = np.bincount(np.frombuffer(text.encode("utf-32-le"), np.uint32) % 32, minlength=32)
    return np.minimum(counts, 127).astype(np.int8)


@lru_cache(100_000)
def _words(subject: str) -> tuple[str, ...]:
    """The stems of a subject; what has none, as some signs, is one word."""
    return tuple(stems(subject)) or (subject,)


def _holds_either(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the words of one stand in the other, behind one another."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if len(short) == 1:
        return short[0] in long
    return any(tuple(long[at : at + len(short)]) == tuple(short) for at in range(len(long) - len(short) + 1))


def changes(one: str, other: str) -> int:
    """The least number of letters to change, leave out or put in (Levenshtein)."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, with_letter in enumerate(other, 1):
            before, row[place] = row[place], min(before + (letter != with_letter), row[place] + 1, row[place - 1] + 1)
    return row[-1]
