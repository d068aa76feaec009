"""What is asked of whom: the posts in their order, the answers there are, and the next post of each person."""

import contextlib
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from feelscope.errors import LabelError, PictureError
from feelscope.images import is_video
from feelscope.label.answers import JUDGE, Answers
from feelscope.label.codebook import SKIPPED, UNCLEAR, Codebook
from feelscope.post import Post

SHOWS = ("both", "text", "image")
LONGEST_NAME = 100  # letters of an annotator's
LONGEST_NOTE = 2000  # characters
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
        codebook: What is said of the choices.
        others: Post to annotator to answer and note, of posts that one person decides; a decided one is asked no more.
        name: Of what was opened.
    """

    posts: Sequence[Post]
    choices: Sequence[str]
    answers: Answers
    show: str = "both"
    predictions: Mapping[str, str] = field(default_factory=dict)
    words: Callable[[Post], Sequence[Sequence[float]]] | None = None
    in_words: Callable[[Post], str] | None = None
    codebook: Codebook | None = None
    others: Mapping[str, Mapping[str, tuple[str, str]]] | None = None
    name: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @cached_property
    def _by_id(self) -> dict[str, Post]:
        return {post.id: post for post in self.posts}

    def post(self, id: str) -> Post | None:
        """The post of this id."""
        return self._by_id.get(id)

    def about(self) -> dict[str, Any]:
        """What the page says of the round."""
        codebook = self.codebook
        return {
            "mode": self.answers.mode,
            "name": self.name,
            "title": codebook.title if codebook else "",
            "question": codebook.question if codebook else "",
            "emotions": codebook.to_json()["emotion"] if codebook else [],
            "unclear": self.answers.mode != JUDGE,
        }

    def answer(self, annotator: str, id: str, answer: str, seconds: float, note: str = "") -> dict[str, Any]:
        """Keep an answer; gives the next post of this person.

        Args:
            answer: One of the choices, `unclear` or `skipped`.
            seconds: That the person took.

        Raises:
            LabelError: There is no such annotator, post or answer, or it took no time that can be.
            OSError: It cannot be written.
        """
        name = annotator_name(annotator)
        post = self.post(id)
        further = (SKIPPED,) if self.answers.mode == JUDGE else (SKIPPED, UNCLEAR)
        if post is None or answer not in (*self.choices, *further):
            raise LabelError("no such post or answer")
        if not 0 <= seconds <= MOST_SECONDS:  # NaN neither
            raise LabelError(f"expected 0 to {MOST_SECONDS:,} seconds")
        if len(note) > LONGEST_NOTE:
            raise LabelError(f"expected a note of at most {LONGEST_NOTE:,} characters, found {len(note):,}")
        described = None if self.in_words is None else bool(self._described(name, post))
        with self._lock:
            self.answers.add(name, id, answer, seconds, described, note.strip())
        return self.next(name)

    def next(self, annotator: str) -> dict[str, Any]:
        """The first post that a person has not answered, as the page needs it; `LabelError` for what is no name.

        Those that were skipped come once all others are answered, the one that was skipped first before the others.
        """
        name = annotator_name(annotator)
        with self._lock:
            skipped = [id for id in self.answers.skipped.get(name, ()) if id in self._by_id]
            later = {*skipped}
            done = self._done(name)
            first = next((post for post in self.posts if post.id not in done and post.id not in later), None)
            if first is None:
                first = next((self._by_id[id] for id in skipped if id not in done), None)
        return self._progress(name) if first is None else self._shown(name, first)

    def previous(self, annotator: str, before: str) -> dict[str, Any]:
        """The post that a person answered or skipped last, or the one before that of a given id, to be answered again.

        Where there is none, the next post.
        """
        name = annotator_name(annotator)
        with self._lock:
            seen = [id for id in self.answers.seen.get(name, ()) if id in self._by_id]
        place = seen.index(before) if before in seen else len(seen)
        return self._shown(name, self._by_id[seen[place - 1]]) if place else self.next(name)

    def _done(self, name: str) -> set[str]:
        """The posts that this person need not be asked about."""
        return set(self.answers.by_person.get(name, ()) if self.others is None else self.answers.last)

    def _progress(self, name: str) -> dict[str, Any]:
        with self._lock:
            done = sum(id in self._by_id for id in self._done(name))
            skipped = sum(id in self._by_id for id in self.answers.skipped.get(name, ()))
        return {"done": done, "total": len(self.posts), "choices": self.choices, "skipped": skipped}

    def _shown(self, name: str, post: Post) -> dict[str, Any]:
        """A post as the page needs it, with what the person answered before."""
        state = self._progress(name)
        state |= {"id": post.id, "prediction": self.predictions.get(post.id, ""), "title": "", "text": "", "words": []}
        if self.show != "image":
            state |= {"title": post.title, "text": post.text, "words": list(self.words(post)) if self.words else []}
        others = (self.others or {}).get(post.id, {})
        return {
            **state,
            "image": self.show != "text" and post.image is not None,
            "moves": self.show != "text" and post.image is not None and _is_video(post.image),
            "described": self._described(name, post),
            "answer": self.answers.by_person.get(name, {}).get(post.id, ""),
            "note": self.answers.notes.get(name, {}).get(post.id, ""),
            "others": [{"annotator": who, "answer": answer, "note": note} for who, (answer, note) in others.items()],
        }

    def _described(self, name: str, post: Post) -> str:
        """The picture in words, for the half of the posts that chance has chosen for this person; else ""."""
        if self.in_words is None or post.image is None:
            return ""
        chance = sha256(f"{name}\0{post.id}".encode(errors="replace")).digest()
        return self.in_words(post) if chance[0] % 2 else ""


def _is_video(image: Path | bytes) -> bool:
    with contextlib.suppress(PictureError):  # whose picture is not shown
        return is_video(image)
    return False


def annotator_name(annotator: str) -> str:
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
