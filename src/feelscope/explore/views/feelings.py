"""How the posts of a state feel, measured against the archive in the same time, and against what is compared.

A difference from the archive is that between the posts of the state and all others of the same time, so that no post is
on both sides. Which ones are *clear* is decided for all emotions together: of those that are called so, one in twenty
is by chance, on average, and their intervals miss as rarely.

Source:
    Benjamini and Yekutieli 2005, "False discovery rate-adjusted multiple confidence intervals for selected parameters":
    where R of K intervals are shown as clear, each has the level 1 - 0.05 R / K.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from feelscope.explore.search.engine import Reply, counts
from feelscope.explore.search.request import by_emotion, counting, matching
from feelscope.explore.search.rounds import Asking
from feelscope.explore.views.question import Question
from feelscope.explore.views.share_words import beside
from feelscope.metrics.intervals import LEVEL, difference, wilson

LEAST_POSTS = 20  # of a side whose shares are compared
PLAIN = "neutral"  # comes last, whatever its share
_NAMES = ("difference", "low", "high")
Json = dict[str, Any]


def feelings(question: Question) -> Asking:
    """Each emotion's share of the posts of (Q, F, T), whatever E is; those first that are farthest from the archive."""
    index, state, subject, side = question.index, question.state, question.subject, question.against
    names = index.facts.emotions
    queries = [matching(state, subject, of_emotion=False)]
    queries += side.queries(subject, of_emotion=False) if side is not None else []
    here, *there = [_table(reply, names) for reply in (yield [counting(one, emotions=by_emotion()) for one in queries])]
    archive = index.everything[0].within(state.start, state.end)[:-1]  # (K,)
    other = None if not there else there[0] - there[1] if len(there) > 1 else there[0]  # (K,)
    low, high = _interval(here)
    from_archive = _differences(here, archive - here)
    beyond = None if other is None else _differences(here, other)
    rows: list[Json] = []
    for k, name in enumerate(names):
        row: Json = {
            "emotion": name,
            "posts": int(here[k]),
            "share": _share(here, k),
            "low": low[k],
            "high": high[k],
            "archive": int(archive[k]),
            "archive_share": _share(archive, k),
            "from_archive": from_archive[k],
        }
        if other is not None and beyond is not None:
            other_low, other_high = _interval(other)
            figures = {"posts": int(other[k]), "share": _share(other, k), "low": other_low[k], "high": other_high[k]}
            row["other"] = figures | {"beyond": beyond[k]}
            row["words"] = beside(row["share"], figures["share"], _clearness(beyond[k]), "the others’")
        else:
            row["words"] = beside(row["share"], row["archive_share"], _clearness(from_archive[k]), "the archive’s")
        rows.append(row)
    compared = "other" if other is not None else "archive"
    rows.sort(key=lambda row: (row["emotion"] == PLAIN, -_distance(row, compared), -(row["share"] or 0.0)))
    clear = [row["emotion"] for row in rows if row["emotion"] != PLAIN and _is_clear(_figures(row, compared))]
    return {
        "posts": int(here.sum()),
        "archive_posts": int(archive.sum()),
        "other_posts": None if other is None else int(other.sum()),
        "compared": compared,
        "clearest": max(clear, key=lambda name: _surety(rows, name, compared), default=None),
        "rows": rows,
    }


def _table(reply: Reply, names: Sequence[str]) -> np.ndarray:
    felt = counts(reply, "emotions")
    return np.array([felt.get(name, 0) for name in names], np.int64)


def _share(posts: np.ndarray, k: int) -> float | None:
    return float(posts[k] / posts.sum()) if posts.sum() else None


def _interval(posts: np.ndarray) -> tuple[list[float | None], list[float | None]]:
    if not posts.sum():
        return [None] * len(posts), [None] * len(posts)
    low, high = wilson(posts, posts.sum())
    return low.tolist(), high.tolist()


def _differences(here: np.ndarray, there: np.ndarray) -> list[dict[str, float] | None]:
    """The difference of each share with its interval; None where either side has under 20 posts."""
    emotions = len(here)
    if min(here.sum(), there.sum()) < LEAST_POSTS:
        return [None] * emotions
    for selected in range(emotions, 0, -1):
        level = 1 - (1 - LEVEL) * selected / emotions
        figures = np.array(difference(here, here.sum(), there, there.sum(), level))  # (3, K)
        if int(((figures[1] > 0) | (figures[2] < 0)).sum()) >= selected:
            break
    return [dict(zip(_NAMES, column, strict=True)) for column in figures.T.tolist()]


def _is_clear(figures: dict[str, float] | None) -> bool:
    return figures is not None and (figures["low"] > 0 or figures["high"] < 0)


def _clearness(figures: dict[str, float] | None) -> bool | None:
    return None if figures is None else _is_clear(figures)


def _figures(row: Json, compared: str) -> dict[str, float] | None:
    figures: dict[str, float] | None = row["other"]["beyond"] if compared == "other" else row["from_archive"]
    return figures


def _distance(row: Json, compared: str) -> float:
    other = row["other"]["share"] if compared == "other" else row["archive_share"]
    return abs((row["share"] or 0.0) - (other or 0.0))


def _surety(rows: Sequence[Json], name: str, compared: str) -> float:
    """How far the nearer end of an emotion's interval is from zero."""
    figures = next(_figures(row, compared) for row in rows if row["emotion"] == name)
    return 0.0 if figures is None else max(figures["low"], -figures["high"])
