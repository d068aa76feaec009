"""Posts of a table to tagged posts: emotion, date, stems, subjects, thumbnail."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from feelscope.explore.index.shards import Tagged
from feelscope.explore.index.subjects import Subject
from feelscope.post import Post
from feelscope.table.times import unix_seconds
from feelscope.text.stems import stems

if TYPE_CHECKING:
    from feelscope.saved_model.classifier import EmotionClassifier

POSTS_AT_ONCE = 1000
_PROBABILITY = "p_"  # columns p_fear, p_anger: as tables of predictions have them
SubjectFinder = Callable[[Iterable[str]], Iterable[Sequence[Subject]]]


def tag(
    posts: Iterable[Post],
    classifier: Callable[[], "EmotionClassifier"],
    find_subjects: SubjectFinder,
    thumbnail: Callable[[Post], str],
) -> Iterator[Tagged]:
    """Tag posts, in their order and some hundred at once.

    Args:
        classifier: Gives what reads the emotion of posts that have none; not called where all have one.
        thumbnail: Makes a small picture and gives its name; empty where there is none.
    """
    source = iter(posts)
    while batch := list(islice(source, POSTS_AT_ONCE)):
        unread = [post for post in batch if post.emotion is None]
        predictions = {read.id: read for read in classifier().stream(unread)} if unread else {}
        for post, subjects in zip(batch, find_subjects(["\n".join(post.texts) for post in batch]), strict=True):
            prediction = predictions.get(post.id)
            emotion, probabilities = post.emotion, given_probabilities(post)
            if prediction is not None:
                emotion, probabilities = prediction.emotion, dict(prediction.probabilities)
            yield Tagged(
                id=post.id,
                created_at=unix_seconds(post.created_at),
                title=post.title,
                text=post.text,
                image=thumbnail(post),
                emotion=emotion or "",
                probabilities=probabilities,
                words=tuple(" ".join(stems(text)) for text in post.texts),
                subjects=tuple(dict.fromkeys(subject.kind[0] + subject.text for subject in subjects)),
                author=post.author,
                source=post.source,
                url=post.url,
            )


def given_probabilities(post: Post) -> dict[str, float]:
    """The probabilities a table has itself, by emotion: columns `p_...`, or `probabilities` as `predict` writes it."""
    nested = post.other.get("probabilities")
    columns: Iterable[tuple[str, object]] = (
        nested.items()
        if isinstance(nested, Mapping)
        else ((name[len(_PROBABILITY) :], value) for name, value in post.other.items() if name.startswith(_PROBABILITY))
    )
    fractions = {name: value for name, value in columns if isinstance(value, int | float) and 0 <= value <= 1}
    return fractions if fractions and math.isclose(sum(fractions.values()), 1, abs_tol=0.01) else {}
