"""Hard negatives: of each emotion, the posts of other emotions that look most like its own.

    words             the largest share of words in common with a post of the emotion (Dice of the two sets of words)
    keyword:A,B,...   whether one of these words, or words in a row, is said; emoji too
    column:NAME       the number in a column of the table, the higher the harder; 0 and below are not hard
    prepared          whether `prepare --hard-negatives` marked it as one
    chance            drawn for each emotion: the control, which ought not to help

Of an emotion with P posts, the `ratio` * P hardest negatives are hard, but at most half of its negatives: without easy
ones there is nothing to tell apart. Words that more than a twentieth of the posts have say little and are left out.
Both are ours.

Source: DSReg, arXiv 1905.11658, section 1: distant supervision by word overlap, keywords or scores.
"""

from collections.abc import Sequence

import numpy as np

from feelscope.config import did_you_mean, shown
from feelscope.errors import ConfigError, TableError
from feelscope.objectives.settings import DSRegSettings
from feelscope.post import Post
from feelscope.text.tokens import words_of

_PREPARED = "hard_negative_of"  # of the table that `prepare` writes: the emotions, a list or joined by |
_COMMON = 0.05  # share of the posts that have a word which is left out
_AT_ONCE = 256  # negatives that are compared at a time


def hard_negatives(
    posts: Sequence[Post], labels: Sequence[int], emotions: Sequence[str], settings: DSRegSettings, seed: int
) -> np.ndarray:
    """Which posts are hard negatives of which emotions, bool (N, K).

    Args:
        labels: Of each post, the number of its emotion.
        seed: Of what is drawn by `chance`, and of the order of equally hard ones.

    Raises:
        TableError: No post is a hard negative, no post has the column, or a score is no number.
        ConfigError: `emotion` is none of the emotions.
    """
    if settings.emotion and settings.emotion not in emotions:
        raise ConfigError(
            f"dsreg, emotion: no emotion {settings.emotion!r}; {did_you_mean(settings.emotion, emotions)}"
        )
    truth, draws = np.asarray(labels), np.random.default_rng(seed)
    hardness = _hardness(posts, truth, emotions, settings, draws)  # (N, K)
    hard = np.zeros(hardness.shape, bool)
    for emotion, name in enumerate(emotions):
        if settings.emotion not in ("", name):
            continue
        negatives = truth != emotion  # (N,)
        wanted = min(round(settings.ratio * int((~negatives).sum())), int(negatives.sum()) // 2)
        order = draws.permutation(np.flatnonzero(negatives & (hardness[:, emotion] > 0)))
        order = order[np.argsort(-hardness[order, emotion], kind="stable")]
        hard[order[:wanted], emotion] = True
    if not hard.any():
        raise TableError(
            f"dsreg: by = {settings.by!r} finds no hard negative among {len(posts):,} posts; give another `by`, or a "
            "larger `ratio`"
        )
    return hard


def _hardness(
    posts: Sequence[Post],
    truth: np.ndarray,
    emotions: Sequence[str],
    settings: DSRegSettings,
    draws: np.random.Generator,
) -> np.ndarray:
    """How hard each post is as a negative of each emotion, (N, K); 0 and below are not at all."""
    kind, _, value = settings.by.partition(":")
    if kind == "words":
        return _by_words(posts, truth, len(emotions))
    if kind == "chance":
        return 1 - draws.random((len(posts), len(emotions)))  # more than 0
    if kind == "keyword":
        keywords = [said for keyword in value.split(",") if (said := _said(Post("", keyword))).strip()]
        found = [float(any(keyword in _said(post) for keyword in keywords)) for post in posts]
        return np.repeat(np.array(found)[:, None], len(emotions), axis=1)
    column = _PREPARED if kind == "prepared" else value
    if not any(column in post.other for post in posts):
        known = sorted({name for post in posts for name in post.other})
        advice = "prepare it with --hard-negatives" if kind == "prepared" else did_you_mean(column, known)
        raise TableError(f"dsreg, by: the table has no column {column!r}; {advice}")
    if kind == "prepared":
        return np.array([[float(name in marks) for name in emotions] for marks in map(_marks, posts)])
    return np.repeat(np.array([_score(post, column) for post in posts])[:, None], len(emotions), axis=1)


def _said(post: Post) -> str:
    """A post's words between spaces, so that whole words are found in it."""
    return f" {' '.join(words_of(post))} "


def _marks(post: Post) -> Sequence[str]:
    """The emotions that `prepare` says a post is a hard negative of."""
    cell = post.other.get(_PREPARED) or ()
    return cell if isinstance(cell, list | tuple) else str(cell).split("|")


def _score(post: Post, column: str) -> float:
    cell = str(post.other.get(column) or "").strip() or "0"
    try:
        score = float(cell)
    except ValueError:
        score = float("nan")
    if not np.isfinite(score):
        raise TableError(f"dsreg: post {post.id!r}: column {column!r}: expected a number, found {shown(cell)}")
    return score


def _by_words(posts: Sequence[Post], truth: np.ndarray, emotions: int) -> np.ndarray:
    """The largest Dice coefficient of a post's words and those of one post of an emotion, (N, K)."""
    from scipy.sparse import csr_array

    said = [sorted({*words_of(post)}) for post in posts]
    counts: dict[str, int] = {}
    for words in said:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    most = max(1.0, _COMMON * len(posts))
    numbers = {word: number for number, word in enumerate(word for word, count in counts.items() if count <= most)}
    columns = [[numbers[word] for word in words if word in numbers] for words in said]
    ends = np.cumsum([0, *map(len, columns)])
    flat = np.array([number for row in columns for number in row], dtype=np.int64)
    table = csr_array((np.ones(len(flat), np.float32), flat, ends), shape=(len(posts), max(1, len(numbers))))  # (N, V)
    sizes = np.diff(ends).astype(np.float32)  # (N,)
    found = np.zeros((len(posts), emotions), np.float32)
    for emotion in range(emotions):
        own = np.flatnonzero(truth == emotion)
        others = np.flatnonzero(truth != emotion)
        positives, positive_sizes = table[own].T.tocsr(), sizes[own]  # (V, P), (P,)
        for start in range(0, len(others), _AT_ONCE):
            rows = others[start : start + _AT_ONCE]
            common = (table[rows] @ positives).toarray()  # (R, P)
            dice = 2 * common / np.maximum(sizes[rows][:, None] + positive_sizes, 1)  # (R, P)
            found[rows, emotion] = dice.max(axis=1, initial=0)
    return found
