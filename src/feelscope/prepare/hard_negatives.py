"""Hard negatives: posts of another emotion that read much like those of this one.

Source: Meng et al. 2019, DSReg (arXiv 1905.11658): negatives are harvested by word overlap with the positives, by a
keyword, or by a score. A recipe with `[dsreg] by = "prepared"` learns from them.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from feelscope.errors import ConfigError
from feelscope.text.near_duplicates import fold

TELLING = 200  # words of an emotion that best tell it from the others
SHARE = 0.2  # of the other emotions' posts that are marked at most, those with the highest overlap or score
MIN_POSTS = 3  # with a telling word
METHODS = ("overlap", "keyword=WORD,...", "score=COLUMN")

Row = Mapping[str, object]


def harvest(rows: Callable[[], Iterable[Row]], method: str) -> list[list[str]]:
    """For each row the emotions that it is a hard negative of, in alphabetical order.

    Args:
        rows: Called for each pass over the rows, which have `text`, `title`, `emotion` and others.
        method: `overlap`, `keyword=great,nice` or `score=COLUMN`.

    Raises:
        ConfigError: There is no such method, or no row has the column.
    """
    name, value = parse(method)
    if name == "overlap":
        return _by_overlap(rows)
    if name == "keyword":
        return list(_by_keyword(rows, [word.strip().lower() for word in value.split(",") if word.strip()]))
    return _by_score(rows, value)


def parse(method: str) -> tuple[str, str]:
    """The name of a method and the words or the column it takes; `ConfigError` where there is no such method."""
    name, _, value = method.partition("=")
    if {"overlap": not value, "keyword": bool(value.strip(" ,")), "score": bool(value)}.get(name):
        return name, value
    raise ConfigError(f"--hard-negatives {method}: expected one of {', '.join(METHODS)}")


def _words(row: Row) -> set[str]:
    return set(fold(f"{row.get('title') or ''} {row.get('text') or ''}").split())


def _by_overlap(rows: Callable[[], Iterable[Row]]) -> list[list[str]]:
    """Posts with the largest share of words that are among the emotion's most telling ones."""
    posts: Counter[str] = Counter()
    everywhere: Counter[str] = Counter()
    inside: dict[str, Counter[str]] = {}
    for row in rows():
        emotion, words = str(row["emotion"]), _words(row)
        posts[emotion] += 1
        everywhere.update(words)
        inside.setdefault(emotion, Counter()).update(words)
    total = posts.total()
    telling = {}
    for emotion, counts in inside.items():
        rest = max(total - posts[emotion], 1)
        odds = {
            word: math.log((count + 0.5) / posts[emotion]) - math.log((everywhere[word] - count + 0.5) / rest)
            for word, count in counts.items()
            if count >= MIN_POSTS
        }
        best = sorted((word for word in odds if odds[word] > 0), key=lambda word: (-odds[word], word))[:TELLING]
        telling[emotion] = set(best)
    scores: dict[str, list[tuple[float, int]]] = {emotion: [] for emotion in telling}
    for position, row in enumerate(rows()):
        words = _words(row)
        for emotion, telling_words in telling.items():
            if emotion != row["emotion"] and words and (shared := len(words & telling_words)):
                scores[emotion].append((shared / len(words), position))
    return _hardest(scores, posts)


def _by_keyword(rows: Callable[[], Iterable[Row]], keywords: list[str]) -> Iterator[list[str]]:
    """Posts with a keyword that posts of the emotion have as well."""
    known: dict[str, set[str]] = {word: set() for word in keywords}
    for row in rows():
        for word in known.keys() & _words(row):
            known[word].add(str(row["emotion"]))
    for row in rows():
        emotions = {emotion for word in known.keys() & _words(row) for emotion in known[word]}
        yield sorted(emotions - {str(row["emotion"])})


def _by_score(rows: Callable[[], Iterable[Row]], column: str) -> list[list[str]]:
    """Posts with the highest values in a column, such as a similarity to the positives."""
    values: list[tuple[str, float | None]] = []  # each post's emotion, and its value
    for row in rows():
        number = re.fullmatch(r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*", str(row.get(column)), re.IGNORECASE)
        values.append((str(row["emotion"]), float(number[0]) if number else None))
    if not any(value is not None for _, value in values):
        raise ConfigError(f"--hard-negatives score={column}: no post has a number in the column {column!r}")
    posts = Counter(emotion for emotion, _ in values)
    scored = [(own, value, position) for position, (own, value) in enumerate(values) if value is not None]
    scores = {emotion: [(value, position) for own, value, position in scored if own != emotion] for emotion in posts}
    return _hardest(scores, posts)


def _hardest(scores: Mapping[str, list[tuple[float, int]]], posts: Counter[str]) -> list[list[str]]:
    """Mark, for each emotion, the fifth of its negatives with the highest scores.

    Args:
        scores: Emotion to score and position of the posts of other emotions that have one.
        posts: How many each emotion has.
    """
    total = posts.total()
    marked: list[list[str]] = [[] for _ in range(total)]
    for emotion in sorted(scores):
        best = sorted(scores[emotion], key=lambda pair: (-pair[0], pair[1]))
        for _, position in best[: int(SHARE * (total - posts[emotion]))]:
            marked[position].append(emotion)
    return marked
