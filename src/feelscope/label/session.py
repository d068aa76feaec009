"""What is asked of whom: the posts in their order, the answers there are, and the next post of each person."""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from feelscope.errors import LabelError
from feelscope.label.answers import Answers
from feelscope.post import Post

SHOWS = ("both", "text", "image")
LONGEST_NAME = 100  # letters of an annotator's
MOST_SECONDS = 10_000_000  # that an answer may take: some months, as pages are left open
_JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))  # invisible, and part of names in some scripts


@dataclass(frozen=True)
class Session:
    """One round of labelling; several people may answer at the same time.

    Args:
        posts: In the order they are shown; the same for everybody.
        choices: The answers there are, as they are numbered.
        show: `both`, `text` or `image`.
        predictions: Post to the model's answer, for the question whether it is right.
        words: Gives spans of a post's text, [start, end, weight], that explain the model's answer.
        in_words: Gives a post's picture in words, or ""; each person sees them beside half of the pictures.
    """

    posts: Sequence[Post]
    choices: Sequence[str]
    answers: Answers
    show: str = "both"
    predictions: Mapping[str, str] = field(default_factory=dict)
    words: Callable[[Post], Sequence[Sequence[float]]] | None = None
    in_words: Callable[[Post], str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @cached_property
    def _by_id(self) -> dict[str, Post]:
        return {post.id: post for post in self.posts}

    def post(self, id: str) -> Post | None:
        """The post of this id."""
        return self._by_id.get(id)

    def answer(self, annotator: str, id: str, answer: str, seconds: float) -> dict[str, Any]:
        """Keep an answer; gives the next post of this person.

        Args:
            seconds: That the person took.

        Raises:
            LabelError: There is no such annotator, post or answer, or it took no time that can be.
            OSError: It cannot be written.
        """
        name = _name(annotator)
        post = self.post(id)
        if post is None or answer not in self.choices:
            raise LabelError("no such post or answer")
        if not 0 <= seconds <= MOST_SECONDS:  # NaN neither
            raise LabelError(f"expected 0 to {MOST_SECONDS:,} seconds")
        described = None if self.in_words is None else bool(self._described(name, post))
        with self._lock:
            self.answers.add(name, id, answer, seconds, described)
        return self.next(name)

    def next(self, annotator: str) -> dict[str, Any]:
        """The first post that a person has not answered, as the page needs it; `LabelError` for what is no name."""
        name = _name(annotator)
        with self._lock:
            done = set(self.answers.by_person.get(name, ()))
        left = [post for post in self.posts if post.id not in done]
        state: dict[str, Any] = {"done": len(self.posts) - len(left), "total": len(self.posts), "choices": self.choices}
        if not left:
            return state
        post = left[0]
        state |= {"id": post.id, "prediction": self.predictions.get(post.id, ""), "title": "", "text": "", "words": []}
        if self.show != "image":
            state |= {"title": post.title, "text": post.text, "words": list(self.words(post)) if self.words else []}
        return {
            **state,
            "image": self.show != "text" and post.image is not None,
            "described": self._described(name, post),
        }

    def _described(self, name: str, post: Post) -> str:
        """The picture in words, for the half of the posts that chance has chosen for this person; else ""."""
        if self.in_words is None or post.image is None:
            return ""
        chance = sha256(f"{name}\0{post.id}".encode(errors="replace")).digest()
        return self.in_words(post) if chance[0] % 2 else ""


def _name(annotator: str) -> str:
    """An annotator's name with single blanks, which a terminal and a file can show."""
    name = " ".join(annotator.split())
    seen = name.translate(_JOINERS)
    if not seen or len(name) > LONGEST_NAME or not seen.isprintable():
        raise LabelError(f"expected a name of 1 to {LONGEST_NAME} letters, without control characters")
    return name


def shuffled(posts: Sequence[Post], show: str, seed: int) -> list[Post]:
    """Posts that can be shown, in an order that is the same for everybody.

    Raises:
        LabelError: There are none.
    """
    fit = [post for post in posts if (post.image is not None if show == "image" else post.has_text or show == "both")]
    fit.sort(key=lambda post: post.id)
    random.Random(seed).shuffle(fit)
    if not fit:
        raise LabelError(f"no post has what --show {show} shows")
    return fit
