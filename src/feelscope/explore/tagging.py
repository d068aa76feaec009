"""Posts of a table to tagged posts: emotion, date, stems, subjects, thumbnail."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

from feelscope.explain.structure.times import read_time
from feelscope.explore.pieces import Tagged
from feelscope.post import Post, Prediction
from feelscope.text.stems import stems

POSTS_AT_ONCE = 1000
_PROBABILITY = "p_"  # columns p_fear, p_anger: as tables of predictions have them


class Classifier(Protocol):
    """What reads emotions: `EmotionClassifier`, or anything of this shape."""

    @property
    def emotions(self) -> tuple[str, ...]:
        """In the order of the probabilities."""

    def stream(self, posts: Iterable[Post], /) -> Iterator[Prediction]:
        """One prediction a post, in the posts' order."""


class Subject(Protocol):
    """What a post is about; see `feelscope.explore.subjects`."""

    @property
    def text(self) -> str: ...

    @property
    def kind(self) -> str: ...


Tagger = Callable[[Iterable[str]], Iterable[Sequence[Subject]]]


def tag(
    posts: Iterable[Post],
    classifier: Callable[[], Classifier],
    tagger: Tagger,
    thumbnail: Callable[[Post], str],
) -> Iterator[Tagged]:
    """Tag posts, in their order and some hundred at once.

    Args:
        classifier: Gives what reads the emotion of posts that have none; not called where all have one.
        tagger: Finds the subjects of texts.
        thumbnail: Makes a small picture and gives its name; empty where there is none.
    """
    source = iter(posts)
    while some := list(islice(source, POSTS_AT_ONCE)):
        unread = [post for post in some if post.emotion is None]
        read = {one.id: one for one in classifier().stream(unread)} if unread else {}
        for post, found in zip(some, tagger([whole(post) for post in some]), strict=True):
            prediction = read.get(post.id)
            emotion, by_name = post.emotion, given_probabilities(post)
            if prediction is not None:
                emotion, by_name = prediction.emotion, dict(prediction.probabilities)
            other = {name: _text(post.other.get(name)) for name in ("author", "source", "url")}
            yield Tagged(
                id=post.id,
                created_at=seconds(post.other.get("created_at")),
                title=post.title,
                text=post.text,
                image=thumbnail(post),
                emotion=emotion or "",
                probabilities=by_name,
                words=tuple(" ".join(stems(part)) for part in post.texts),
                subjects=tuple(dict.fromkeys(one.kind[0] + one.text for one in found)),
                **other,
            )


def whole(post: Post) -> str:
    """What is split into sentences and subjects: title and text, and a title that only repeats the text once."""
    return "\n".join(post.texts)


def given_probabilities(post: Post) -> dict[str, float]:
    """The probabilities a table has itself, by emotion: columns `p_...`, or `probabilities` as `predict` writes it."""
    nested = post.other.get("probabilities")
    columns: Iterable[tuple[str, object]] = (
        nested.items()
        if isinstance(nested, Mapping)
        else ((name[len(_PROBABILITY) :], value) for name, value in post.other.items() if name.startswith(_PROBABILITY))
    )
    found = {name: value for name, value in columns if isinstance(value, int | float) and 0 <= value <= 1}
    return found if found and math.isclose(sum(found.values()), 1, abs_tol=0.01) else {}


def seconds(value: object) -> int | None:
    """A time as tables write it, in seconds since 1970; a day without an hour is its first second, nothing is None."""
    when = read_time(value, UTC)
    if when is None and isinstance(value, str):
        try:
            when = datetime.fromisoformat(value.strip()).replace(tzinfo=UTC)
        except ValueError:
            return None
    elif when is None and hasattr(value, "toordinal"):  # a date
        when = datetime(value.year, value.month, value.day, tzinfo=UTC)  # type: ignore[attr-defined]
    return None if when is None else math.floor(when.timestamp())


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)
