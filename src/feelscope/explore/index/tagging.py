"""Posts of a table to tagged posts: emotion, date, stems, subjects, thumbnail."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from feelscope.errors import ModelError
from feelscope.explore.index.shards import Tagged
from feelscope.explore.index.subjects import Subject
from feelscope.files import write_bytes
from feelscope.images import digest, small_jpeg
from feelscope.memory import BUDGET, batches, post_size
from feelscope.post import Post
from feelscope.table.times import unix_seconds
from feelscope.text.search_words import words_and_more
from feelscope.text.stems import kept_stem

POSTS_AT_ONCE = 1000
SIDE = 240  # pixels of the longer side of a small picture
_QUALITY = 80
SubjectFinder = Callable[[Iterable[str]], Iterable[Sequence[Subject]]]


def tag(
    posts: Iterable[Post],
    model: str,
    find_subjects: SubjectFinder,
    thumbnail: Callable[[Post], str],
    columns: Sequence[str] = (),
    keep: Callable[[str, Mapping[str, np.ndarray]], object] | None = None,
) -> Iterator[Tagged]:
    """Tag posts, in their order and some hundred at once.

    Args:
        columns: Those that are facets.
        keep: Is given the id of each post and the vectors, float (D,), of its modalities, before the tagged post comes.
        model: Reads the emotion of posts that have none; not loaded where all have one.
        thumbnail: Makes a small picture and gives its name; empty where there is none.
    """
    classifier = None
    for batch, _ in batches(posts, POSTS_AT_ONCE, BUDGET.queue, post_size):
        unread = [post for post in batch if post.emotion is None]
        if (unread or keep) and classifier is None:
            from feelscope.saved_model.classifier import EmotionClassifier

            classifier = EmotionClassifier.load(model)
            if keep and "text" not in classifier.modalities:
                raise ModelError(f"{model}: reads no words, by which a map is laid out; build without --map")
        predictions = {}
        if classifier and keep:
            for read, vectors in classifier.stream_vectors(batch):
                keep(read.id, vectors)
                predictions[read.id] = read
            unread = [post for post in unread if post.image is not None]  # whose picture may have been left unread
        if classifier and unread:
            predictions |= {read.id: read for read in classifier.stream(unread)}
        for post, subjects in zip(batch, find_subjects(["\n".join(post.texts) for post in batch]), strict=True):
            words, more = zip(*map(words_and_more, post.texts), strict=True) if post.texts else ((), ())
            prediction = predictions.get(post.id)
            emotion, probabilities = post.emotion, given_probabilities(post)
            if prediction is not None and emotion is None:
                emotion, probabilities = prediction.emotion, dict(prediction.probabilities)
            yield Tagged(
                id=post.id,
                created_at=unix_seconds(post.created_at),
                title=post.title,
                text=post.text,
                image=thumbnail(post),
                emotion=emotion or "",
                probabilities=probabilities,
                words=tuple(map(" ".join, words)),
                beside=tuple(dict.fromkeys(chain.from_iterable(more))),
                stems=" ".join(dict.fromkeys(map(kept_stem, dict.fromkeys(chain(*words, *more))))),
                facets=facet_values(post, columns),
                subjects=tuple(dict.fromkeys(subject.kind[0] + subject.text for subject in subjects)),
                author=post.author,
                source=post.source,
                url=post.url,
                score=_number(post.other.get("score")),
            )


def facet_values(post: Post, columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The values of a post's facets beside author and source, each once: its tags, and the cells of some columns."""
    if not (columns or post.tags):
        return {}
    cells = {"tags": post.tags, **{name: post.other.get(name) for name in columns}}
    found = {name: cell if isinstance(cell, list | tuple) else (cell,) for name, cell in cells.items()}
    texts = {name: dict.fromkeys(_text(value) for value in values) for name, values in found.items()}
    return {name: kept for name, values in texts.items() if (kept := tuple(filter(None, values)))}


def _number(value: object) -> float | None:
    """A number of a cell, or of its text; None for everything else."""
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _text(value: object) -> str:
    """A cell as people write it; empty for none."""
    if value is None or value != value:  # a number that is not there
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


def given_probabilities(post: Post) -> dict[str, float]:
    """A table's own probabilities, by emotion: columns such as `p_fear`, or `probabilities` as `predict` writes it."""
    nested = post.other.get("probabilities")
    if not isinstance(nested, Mapping):
        cells = post.other.items()
        nested = {name.removeprefix("p_"): value for name, value in cells if name.startswith("p_")}
    fractions = {name: value for name, value in nested.items() if isinstance(value, int | float) and 0 <= value <= 1}
    return fractions if fractions and math.isclose(sum(fractions.values()), 1, abs_tol=0.01) else {}


def write_thumbnail(post: Post, folder: Path) -> str:
    """Make the small picture of a post; gives its file name, by its content, empty for a post without a picture.

    Raises:
        PictureError: The picture cannot be read.
    """
    if post.image is None:
        return ""
    path = folder / f"{digest(post.image)[:32]}.jpg"
    if not path.exists():
        content = small_jpeg(post.image, SIDE, _QUALITY)
        folder.mkdir(exist_ok=True)
        write_bytes(path, content)
    return path.name
