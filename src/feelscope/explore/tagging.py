"""Posts of a table to tagged posts: emotion, date, stems, subjects, thumbnail."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol

from feelscope.explore.pieces import Tagged
from feelscope.post import Post, Prediction
from feelscope.table.times import unix_seconds
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
            yield Tagged(
                id=post.id,
                created_at=unix_seconds(post.created_at),
                title=post.title,
                text=post.text,
                image=thumbnail(post),
                emotion=emotion or "",
                probabilities=by_name,
                words=tuple(" ".join(stems(part)) for part in post.texts),
                subjects=tuple(dict.fromkeys(one.kind[0] + one.text for one in found)),
                author=post.author,
                source=post.source,
                url=post.url,
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
