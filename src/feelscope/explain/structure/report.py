"""The structure of emotions of a table: one walk through posts and predictions, every view, figures, a summary."""

import json
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.drawing import save
from feelscope.errors import FeelscopeError
from feelscope.explain.structure import figures, ratings, relations, times
from feelscope.explain.structure import outliers as far_posts
from feelscope.explain.structure.predicted_posts import Predictions, in_step
from feelscope.explain.structure.top_words import WordMeans
from feelscope.post import Post
from feelscope.table import PostsTable
from feelscope.text.tokens import words_of

_WORDS = 10  # of each emotion
_FAR = 20  # posts
_EXCERPT = 200  # characters of a far post's text
_RATED = 3  # components whose correlations with ratings are drawn


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be chosen."""

    scale: str = "probability"  # of relations.SCALES
    seed: int = 0  # which posts are drawn as dots
    zone: tzinfo = UTC  # whose weekdays and hours
    ratings: Mapping[str, str] = field(default_factory=dict)  # rating to column, where names do not speak


@dataclass(slots=True)
class _Gathered:
    """What one walk through the posts leaves: 4 bytes a probability, and sums."""

    flat: array  # probabilities, row after row
    words: WordMeans
    times: times.Times
    ratings: dict[str, array]


def explain_structure(
    table: PostsTable,
    predictions: Path,
    out: Path,
    settings: Settings | None = None,
    *,
    progress: Callable[[int], object] | None = None,
) -> str:
    """Write every view of the structure of emotions into a folder.

    Args:
        table: The posts.
        predictions: Made of them by `feelscope predict --out`.
        out: The folder, made where it is missing; files of the same names are replaced.
        progress: Called with the number of posts read.

    Returns:
        A summary for people; `structure.json` in the folder has everything.

    Raises:
        FeelscopeError: The two do not belong together, posts are too few, or fewer than two emotions vary.
    """
    settings = settings or Settings()
    known = Predictions(predictions)
    if len(known.emotions) < 2:
        raise FeelscopeError(
            f"{predictions}: knows one emotion only, {known.emotions[0]!r}; the structure of emotions needs two or more"
        )
    gathered = _walk(table, known, settings, progress)
    probabilities = np.frombuffer(gathered.flat, dtype=np.float32).reshape(-1, len(known.emotions))  # (N, K)
    try:
        found = relations.relate(probabilities, known.emotions, settings.scale)
    except FeelscopeError as error:
        raise type(error)(f"{table.path}: {error}") from None
    far = _far_rows(table, known, probabilities)
    views = {
        "top_words": gathered.words.top(known.emotions, _WORDS),
        "far_posts": far,
        "times": _time_rows(gathered.times, known.emotions),
        "ratings": _rating_rows(gathered.ratings, found, probabilities, known.emotions),
    }
    _draw(out, found, views, gathered.times, probabilities, known.emotions, settings)
    summary = _to_json(found, views, gathered, settings, table, predictions)
    part = out / "structure.json.part"
    part.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(out / "structure.json")
    return to_text(summary)


def _walk(
    table: PostsTable, known: Predictions, settings: Settings, progress: Callable[[int], object] | None
) -> _Gathered:
    width = len(known.emotions)
    gathered = _Gathered(array("f"), WordMeans(width), times.Times(width, settings.zone), {})
    columns: dict[str, str] | None = None
    for number, (post, row) in enumerate(in_step(table, known), 1):
        if columns is None:
            columns = ratings.find_ratings(post.other, settings.ratings)
            gathered.ratings = {name: array("f") for name in columns}
        gathered.flat.frombytes(row.tobytes())
        gathered.words.add(words_of(post), row)
        gathered.times.add(None if post.day_only else post.created_at, row)
        for name, column in columns.items():
            gathered.ratings[name].append(ratings.read_number(post.other.get(column)))
        if progress:
            progress(number)
    return gathered


def _far_rows(table: PostsTable, known: Predictions, probabilities: np.ndarray) -> list[dict[str, object]]:
    """Far posts with their words, which a second walk looks up."""
    far = dict(far_posts.far_posts(probabilities, _FAR))
    posts: dict[int, Post] = {}
    for number, (post, _) in enumerate(in_step(table, known)):
        if number in far:
            posts[number] = post
        if len(posts) == len(far):
            break
    return [
        {
            "id": posts[row].id,
            "distance": round(distance, 6),
            "emotion": known.emotions[int(probabilities[row].argmax())],
            "text": " ".join(" ".join(posts[row].texts).split())[:_EXCERPT],
            **{name: round(float(p), 6) for name, p in zip(known.emotions, probabilities[row], strict=True)},
        }
        for row, distance in far.items()
    ]


def _time_rows(found: times.Times, emotions: tuple[str, ...]) -> list[dict[str, object]]:
    return times.rows({"weekday": found.weekdays(), "hour": found.hours()}, emotions) if found.dated > 1 else []


def _rating_rows(
    rated: Mapping[str, array], found: relations.Relations, probabilities: np.ndarray, emotions: tuple[str, ...]
) -> list[dict[str, object]]:
    columns = {
        f"component {number + 1}": found.scores[:, number] for number in range(min(_RATED, len(found.explained)))
    }
    columns |= {name: probabilities[:, number] for number, name in enumerate(emotions)}
    return ratings.correlate({name: np.asarray(values) for name, values in rated.items()}, columns)


def _draw(
    out: Path,
    found: relations.Relations,
    views: Mapping[str, Any],
    dated: times.Times,
    probabilities: np.ndarray,
    emotions: tuple[str, ...],
    settings: Settings,
) -> None:
    save(*figures.correlation(found), out, "correlation")
    save(*figures.components(found, settings.seed), out, "components")
    save(*figures.emotion_map(found), out, "map")
    if views["top_words"]:
        mean = probabilities.mean(axis=0, dtype=np.float64)
        save(*figures.top_words(views["top_words"], emotions, mean), out, "top_words")
    if views["times"]:
        cells = {"weekday": dated.weekdays(), "hour": dated.hours()}
        save(*figures.times(cells, emotions, str(settings.zone), views["times"]), out, "times")
    if any(row["r"] is not None for row in views["ratings"]):
        save(*figures.ratings(views["ratings"]), out, "ratings")


def _to_json(
    found: relations.Relations,
    views: Mapping[str, Any],
    gathered: _Gathered,
    settings: Settings,
    table: PostsTable,
    predictions: Path,
) -> dict[str, Any]:
    names = found.emotions
    return {
        "table": str(table.path),
        "predictions": str(predictions),
        "posts": found.posts,
        "scale": settings.scale,
        "seed": settings.seed,
        "zone": str(settings.zone),
        "emotions": list(names),
        "constant": list(found.constant),
        "mean": dict(zip(names, found.mean.tolist(), strict=True)),
        "correlation": found.correlation.tolist(),
        "tree": [names[index] for index in found.order],
        "links": found.links.tolist(),
        "explained": found.explained.tolist(),
        "components": found.components.tolist(),
        "map": found.places.tolist(),
        "map_explained": found.places_explained.tolist(),
        "stress": found.stress,
        "dated": gathered.times.dated,
        "undated": gathered.times.undated,
        "forgotten_words": gathered.words.forgotten,
        **views,
    }


def to_text(summary: Mapping[str, Any]) -> str:
    """The summary in a few lines."""
    names = summary["emotions"]
    r = np.array(summary["correlation"])
    pairs = [(float(r[i, j]), names[i], names[j]) for i in range(len(names)) for j in range(i)]
    explained = ", ".join(f"{100 * share:.1f}%" for share in summary["explained"][:3])
    lines = [
        f"{summary['posts']:,} posts, {len(names)} emotions, {summary['scale']}",
        "most together:  " + _pairs(sorted(pairs, reverse=True)[:3]),
        "most apart:     " + _pairs(sorted(pairs)[:3]),
        f"tree:           {', '.join(summary['tree'])}",
        f"components:     {explained} of the variance",
    ]
    for number, vector in enumerate(summary["components"][:3], 1):
        sides = sorted(zip(vector, names, strict=True))
        more = ", ".join(name for value, name in reversed(sides) if value > 0.3)
        less = ", ".join(name for value, name in sides if value < -0.3)
        lines.append(f"  {number}: {more}" + (f" against {less}" if less else ""))
    for name in names:
        if some := [str(row["word"]) for row in summary["top_words"] if row["emotion"] == name]:
            lines.append(f"words of {name}: {', '.join(some)}")
    marked = [row for row in summary["times"] if row["beyond_chance"]]
    for row in sorted(marked, key=lambda row: -abs(row["change"]))[:5]:
        when = row["when"] if row["of"] == "weekday" else f"{row['when']} h"
        lines.append(f"{when}: {row['emotion']} {100 * row['change']:+.0f}% ({row['posts']:,} posts)")
    for row in summary["ratings"]:
        if row["r"] is not None and str(row["with"]).startswith("component"):
            interval = f"{row['low']:.2f} to {row['high']:.2f}"
            lines.append(f"{row['rating']} with {row['with']}: r {row['r']:.2f} ({interval})")
    if summary["constant"]:
        lines.append(f"left out, as they never vary: {', '.join(summary['constant'])}")
    return "\n".join(lines)


def _pairs(pairs: list[tuple[float, str, str]]) -> str:
    return ", ".join(f"{one} and {other} {r:.2f}" for r, one, other in pairs)
