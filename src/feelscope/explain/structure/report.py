"""The structure of emotions of a table: one pass over posts and predictions, every view, figures, a summary."""

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

import numpy as np

from feelscope.drawing import save
from feelscope.errors import FeelscopeError, needs_extra
from feelscope.explain.structure import figures, ratings, times
from feelscope.explain.structure.as_thesis import MOST_WORDS, Model, feature_outliers, mean_picture, single_words
from feelscope.explain.structure.outliers import outliers
from feelscope.explain.structure.predicted_posts import Predictions, in_step
from feelscope.explain.structure.relations import LINKAGES, Relations, relate
from feelscope.explain.structure.summary import to_text
from feelscope.explain.structure.top_words import WordMeans
from feelscope.files import write_json, writing_folder
from feelscope.post import Post
from feelscope.table import PostsTable
from feelscope.text.tokens import words_of

_WORDS = 10  # of each emotion
_OUTLIERS = 20
_EXCERPT = 200  # characters of an outlier's text
_RATED = 3  # components that are correlated with ratings


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be chosen."""

    scale: str = "probability"  # of relations.SCALES
    seed: int = 0  # which posts are drawn as dots
    zone: tzinfo = UTC  # whose weekdays and hours
    ratings: Mapping[str, str] = field(default_factory=dict)  # rating to column, where its name does not say so


class _Totals:
    """What one pass over the posts adds up: 4 bytes a probability, and sums."""

    def __init__(self, emotions: int, zone: tzinfo):
        self.flat = array("f")  # probabilities, row after row
        self.words, self.times = WordMeans(emotions), times.Times(emotions, zone)
        self.ratings: dict[str, array] = {}


def explain_structure(
    table: PostsTable,
    predictions: Path,
    out: Path,
    settings: Settings,
    *,
    as_thesis: Model | None = None,
    progress: Callable[[int], object] | None = None,
) -> str:
    """Write every view of the structure of emotions into a folder.

    Args:
        table: The posts.
        predictions: Made of them by `feelscope predict --out`.
        out: The folder, made where it is missing; files of the same names are replaced.
        as_thesis: The model that predicted, to do as the thesis' code does: logits, Ward's linkage, single words with a
            mean picture, outliers among features; None does as `docs/explain.md` says.
        progress: Called with the number of posts read.

    Returns:
        A summary for people; `structure.json` in the folder has everything.

    Raises:
        FeelscopeError: The two do not belong together, posts are too few, fewer than two emotions vary, or another
            process is writing the folder.
    """
    check_extra()
    predicted = Predictions(predictions)
    emotions = predicted.emotions
    if len(emotions) < 2:
        raise FeelscopeError(
            f"{predictions}: knows one emotion only, {emotions[0]!r}; the structure of emotions needs two or more"
        )
    if as_thesis is not None and {*as_thesis.emotions} != {*emotions}:
        raise FeelscopeError(
            f"{predictions}: has other emotions than the model that is asked; give the --model that made it"
        )
    totals = _add_up(table, predicted, settings, progress)
    probabilities = np.frombuffer(totals.flat, dtype=np.float32).reshape(-1, len(emotions))  # (N, K)
    scale, joined_by = ("logits", "ward") if as_thesis is not None else (settings.scale, "average")
    try:
        relations = relate(probabilities, emotions, scale, joined_by)
    except FeelscopeError as error:
        raise type(error)(f"{table.path}: {error}") from None
    components = {f"component {number}": values for number, values in enumerate(relations.scores.T[:_RATED], 1)}
    by_emotion = dict(zip(emotions, probabilities.T, strict=True))
    by_time = {"weekday": totals.times.weekdays(), "hour": totals.times.hours()} if totals.times.dated > 1 else {}
    mean = probabilities.mean(axis=0, dtype=np.float64)
    if as_thesis is None:
        words, far = totals.words.top(emotions, _WORDS), outliers(probabilities, _OUTLIERS)
    else:
        frequent = totals.words.most_frequent(MOST_WORDS)
        words, mean = single_words(frequent, mean_picture(_posts(table, predicted)), as_thesis, emotions, _WORDS)
        far = feature_outliers(_posts(table, predicted), as_thesis, _OUTLIERS)
    views = {
        "top_words": words,
        "outliers": _outlier_rows(table, predicted, probabilities, dict(far)),
        "times": times.rows(by_time, emotions),
        "ratings": ratings.correlate(totals.ratings, components | by_emotion),
    }
    with writing_folder(out, FeelscopeError):
        save(*figures.correlation(relations), out, "correlation")
        save(*figures.components(relations, settings.seed), out, "components")
        save(*figures.emotion_map(relations), out, "map")
        if views["top_words"]:
            save(*figures.top_words(views["top_words"], emotions, mean, alone=as_thesis is not None), out, "top_words")
        if views["times"]:
            save(*figures.times(by_time, emotions, str(settings.zone), views["times"]), out, "times")
        if any(row["r"] is not None for row in views["ratings"]):
            save(*figures.ratings(views["ratings"]), out, "ratings")
        sources = {"table": str(table.path), "predictions": str(predictions)}
        summary = sources | _to_json(relations, totals, settings) | views | _ways(relations, as_thesis is not None)
        write_json(out / "structure.json", summary)
    return to_text(summary)


def check_extra() -> None:
    """Raises `MissingExtra` where scipy is missing; matplotlib says so itself."""
    with needs_extra("explain structure", "explain"):
        import scipy  # noqa: F401


def _add_up(
    table: PostsTable, predicted: Predictions, settings: Settings, progress: Callable[[int], object] | None
) -> _Totals:
    totals = _Totals(len(predicted.emotions), settings.zone)
    columns: dict[str, str] = {}
    for number, (post, row) in enumerate(in_step(table, predicted), 1):
        if number == 1:
            columns = ratings.find_ratings(post.other, settings.ratings)
            totals.ratings = {name: array("f") for name in columns}
        totals.flat.frombytes(row.tobytes())
        totals.words.add(words_of(post), row)
        totals.times.add(None if post.day_only else post.created_at, row)
        for name, column in columns.items():
            totals.ratings[name].append(ratings.read_number(post.other.get(column)))
        if progress:
            progress(number)
    return totals


def _posts(table: PostsTable, predicted: Predictions) -> Iterator[Post]:
    """Every post that has a prediction."""
    return (post for post, _ in in_step(table, predicted))


def _outlier_rows(
    table: PostsTable, predicted: Predictions, probabilities: np.ndarray, distances: Mapping[int, float]
) -> list[dict[str, object]]:
    """Outliers, by their rows, with their words, which another pass looks up."""
    posts = {row: post for row, (post, _) in enumerate(in_step(table, predicted)) if row in distances}
    return [
        {
            "id": posts[row].id,
            "distance": round(distance, 6),
            "emotion": predicted.emotions[int(probabilities[row].argmax())],
            "text": " ".join(" ".join(posts[row].texts).split())[:_EXCERPT],
            **{name: round(float(p), 6) for name, p in zip(predicted.emotions, probabilities[row], strict=True)},
        }
        for row, distance in distances.items()
    ]


def _to_json(relations: Relations, totals: _Totals, settings: Settings) -> dict[str, Any]:
    return {
        "posts": relations.posts,
        "scale": relations.scale,
        "seed": settings.seed,
        "zone": str(settings.zone),
        "emotions": relations.emotions,
        "constant": relations.constant,
        "mean": dict(zip(relations.emotions, relations.mean.tolist(), strict=True)),
        "correlation": relations.correlation.tolist(),
        "tree": [relations.emotions[index] for index in relations.order],
        "linkage": relations.linkage.tolist(),
        "explained": relations.explained.tolist(),
        "components": relations.components.tolist(),
        "map": relations.coordinates.tolist(),
        "map_explained": relations.coordinates_explained.tolist(),
        "stress": relations.stress,
        "dated": totals.times.dated,
        "undated": totals.times.undated,
        "forgotten_words": totals.words.forgotten,
    }


def _ways(relations: Relations, as_thesis: bool) -> dict[str, Any]:
    """How the views were made, where the thesis' code does otherwise."""
    words = "each word alone, with the mean picture" if as_thesis else "the posts that have a word"
    far = (
        "distance of a post's features to their mean" if as_thesis else "Hellinger's distance to the tenth nearest post"
    )
    ways = {"correlated": relations.scale, "tree": LINKAGES[relations.joined_by], "words": words, "outliers": far}
    return {"as_thesis": as_thesis, "ways": ways}
