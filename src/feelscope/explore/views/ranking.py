"""Which subjects stand out among some posts, and which of them are shown as one row.

A subject's score is its keyness: signed G2, see `keyness`, of how often it is mentioned by the posts that match and by
all others. Mentions are counted, a subject once a post, and not posts: long posts mention more of everything, and by
posts *time* and *people* would stand out wherever long posts match. Where all posts match there are no others, and the
score is posts times ln(N / df), N posts in the archive, df of which have the subject. Under 5 posts nothing is ranked.

Of the best 200, those that say no more than the query are left out, and similar ones are merged; words of the query
count in neither: of posts for *boston*, "boston marathon" is as "marathon". Two are similar where

- the words of one occur in the other, in their order and next to one another, or
- of all their words, 3 of 10 or more are in both (Jaccard similarity), or
- fewer than 3 letters have to be changed, and the shorter one has 8 or more ("colour tv", "color tv").

Starting from the best, each subject that is similar to none before it begins a row; others join the first row whose
first subject they are similar to. A row has the name and the figures of its longest subject, in words, of those that
have at least half of the posts of its best one: "white house" and not "house".

Source:
    Handler and O'Connor 2017, "Rookie". Theirs compares letters and not words in the first rule, which finds "art"
    in "party", and has no least length in the third, which merges "iran" and "iraq", and any two emoji; it leaves out
    all that have a word of the query, ranks by posts times ln(N / df), and names a row by its most frequent subject.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from feelscope.explore.index.vocabulary import Vocabulary
from feelscope.explore.search.query_text import parse_query
from feelscope.explore.views.keyness import signed_g2
from feelscope.text.stems import stems

BEST = 200
LEAST = 5  # matching posts that a ranked subject has
_SIMILAR = 0.3
_CHANGES = 3
_LETTERS = 8
_DIGITS = 9  # of scores that tell them apart; of equals the first in the vocabulary's spelling goes first


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """One row: a subject and those that are similar to it.

    Args:
        number: Of the subject that gives name and figures.
        posts: That have it, among those that match.
        merged: Numbers of the others, best first.
        is_estimate: Whether posts and score are estimates from a sample.
    """

    number: int
    posts: int
    score: float
    merged: tuple[int, ...] = ()
    is_estimate: bool = False


def keyness(having: np.ndarray, of_all: np.ndarray, mentions: int, all_mentions: int) -> np.ndarray:
    """The score of subjects, (N,).

    Args:
        having: Matching posts that have each, (N,).
        of_all: Posts of the archive that have each, (N,).
        mentions: Of all subjects together, by matching posts; under `all_mentions`, those of the archive.
    """
    return signed_g2(having, mentions, of_all - having, all_mentions - mentions)


def scores(having: np.ndarray, numbers: np.ndarray, vocabulary: Vocabulary, mentions: int, posts: int) -> np.ndarray:
    """The scores of some subjects, (N,): keyness, or posts times ln(N / df) where all posts match.

    Args:
        having: Matching posts that have each, (N,).
        numbers: Of the subjects, (N,).
        mentions: Of all subjects together, by matching posts.
        posts: In the archive.
    """
    of_all = vocabulary.posts[numbers]
    if mentions < vocabulary.mentions:
        return keyness(having, of_all, mentions, vocabulary.mentions)
    return np.asarray(having * np.log(posts / of_all))


def best_of_all(vocabulary: Vocabulary, posts: int, most: int = BEST) -> dict[int, int]:
    """The subjects with the best scores where all posts match, with some equals of the last, and how many have each."""
    found = scores(vocabulary.posts, np.arange(len(vocabulary.posts)), vocabulary, vocabulary.mentions, posts)
    if len(found) > most:
        numbers = np.flatnonzero(found >= np.partition(found, -most)[-most] - 10**-_DIGITS)
    else:
        numbers = np.arange(len(found))
    return dict(zip(numbers.tolist(), vocabulary.posts[numbers].tolist(), strict=True))


def best(
    counts: Mapping[int, int], vocabulary: Vocabulary, mentions: int, posts: int, most: int = BEST
) -> list[tuple[int, float]]:
    """The numbers of the subjects with the best scores, and these.

    Args:
        counts: Subject to the number of matching posts that have it.
        mentions: Of all subjects together, by matching posts.
        posts: In the archive.
    """
    numbers = np.fromiter(counts.keys(), np.int64, len(counts))
    having = np.fromiter(counts.values(), np.int64, len(counts))
    found = scores(having, numbers, vocabulary, mentions, posts)
    keep = having >= LEAST
    if mentions < vocabulary.mentions:
        keep &= found > 0
    numbers, found = numbers[keep], found[keep]
    if len(numbers) > most:
        keep = found >= np.partition(found, -most)[-most] - 10**-_DIGITS
        numbers, found = numbers[keep], found[keep]
    pairs = zip(numbers.tolist(), found.tolist(), strict=True)
    return sorted(pairs, key=lambda pair: (-round(pair[1], _DIGITS), vocabulary.text(pair[0])))[:most]


def not_ruled_out(
    ranked: Sequence[tuple[int, float]],
    counts: Mapping[int, int],
    vocabulary: Vocabulary,
    mentions: int,
    most: int = BEST,
) -> list[int]:
    """Subjects whose counts are not known and that may yet be among the best.

    Args:
        ranked: The best of those that are known, with their scores.
        counts: Subject to the number of matching posts that have it, of the most frequent ones alone; any other has at
            most as many as the last of them.
    """
    least = min(counts.values(), default=0)
    if least < LEAST or mentions >= vocabulary.mentions:
        return []
    worst = ranked[most - 1][1] - 10**-_DIGITS if len(ranked) >= most else 0.0
    frequencies = vocabulary.frequencies  # (U,)
    highest = np.minimum(frequencies, least)
    could = frequencies[keyness(highest, frequencies, mentions, vocabulary.mentions) > worst]
    if not len(could):
        return []
    # The bound rises up to the df of `least` and falls from there on, so these are all in between.
    unknown = (vocabulary.posts >= could[0]) & (vocabulary.posts <= could[-1])
    unknown[np.fromiter(counts, np.int64, len(counts))] = False
    return np.flatnonzero(unknown).tolist()


def merged_rows(
    ranked: Sequence[tuple[int, float]],
    counts: Mapping[int, int],
    vocabulary: Vocabulary,
    queries: Sequence[str],
    *,
    without_queries: bool = False,
) -> list[SubjectRow]:
    """The rows of the best subjects, in the order of the scores shown.

    Args:
        ranked: Subjects with their scores, best first.
        counts: Subject to the number of posts that have it.
        queries: Whose words tell no subjects apart.
        without_queries: Leave out all subjects that have such a word, as on one side of a comparison of words alone.
    """
    asked = {word for parsed in map(parse_query, queries) for word in (*parsed.words, *chain(*parsed.phrases))}
    kept, texts, words_left = [], [], []
    for number, _ in ranked:
        text = vocabulary.text(number)
        words = _words(text)
        left = tuple(word for word in words if word not in asked)
        if left == words or (left and not without_queries):
            kept.append(number)
            texts.append(text if left == words else " ".join(left))
            words_left.append(left)
    by_number = dict(ranked)
    rows = []
    for group in _groups(texts, words_left):
        numbers = [kept[place] for place in group]
        often = [number for number in numbers if 2 * counts[number] >= counts[numbers[0]]]
        shown = max(often, key=lambda number: len(_words(vocabulary.text(number))))  # the best of equals
        others = tuple(number for number in numbers if number != shown)
        rows.append(SubjectRow(shown, counts[shown], by_number[shown], others))
    return in_order(rows, vocabulary)


def in_order(rows: Iterable[SubjectRow], vocabulary: Vocabulary) -> list[SubjectRow]:
    """Rows by their scores."""
    return sorted(rows, key=lambda row: (-round(row.score, _DIGITS), vocabulary.text(row.number)))


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
