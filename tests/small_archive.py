"""A small archive for the page, the same in every run, and its server in a thread."""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from explore_archive import EMOTIONS, write_posts
from page_serving import running

from feelscope.explore.archive import Archive, open_archive
from feelscope.explore.index.build import build
from feelscope.explore.index.subjects import Subject
from feelscope.explore.server import application

FIRST, DAYS = date(2010, 1, 4), 1_090
MARKUP = "The storm <svg onload=\"document.title='run'\"><big>Red Cross</big> said 😀 storm & more"
RIGHT_TO_LEFT = "עברית Red Cross storm שלום"
WORDS = ("garden", "market", "music", "train", "winter", "harbour", "bread", "letter")
SUBJECTS = ("red cross", "storm", "quiet day", *WORDS)


def posts() -> list[dict[str, object]]:
    """602 posts: a storm in 2011 that the Red Cross is in, ordinary days, and two that are odd."""
    draw = random.Random(5)
    found: list[dict[str, object]] = []
    for number in range(600):
        day = draw.randrange(DAYS)
        storm = draw.random() < (0.8 if abs(day - 600) < 90 else 0.1)
        what = f"A {'storm' if storm else 'quiet day'} at the {' '.join(draw.sample(WORDS, 3))}"
        text = what + (" and the Red Cross came" if storm and draw.random() < 0.5 else "")
        emotion = draw.choice(("fear", "sadness") if storm else EMOTIONS)
        found.append(_post(f"p{number}", day, text, emotion, "javascript:alert(1)"))
    for number, text in enumerate((MARKUP, RIGHT_TO_LEFT)):
        odd = _post(f"odd{number}", 0, text, "fear", "https://example.org/")
        found.append(odd | {"title": ("<big>Title</big>", "Title")[number], "p_fear": 0.75, "p_neutral": 0.25})
    return found


def _post(id: str, day: int, text: str, emotion: str, url: str) -> dict[str, object]:
    nothing = {"title": "", "p_fear": None, "p_neutral": None, "source": "test"}
    when = f"{FIRST + timedelta(day)}T12:00:00Z"
    return {"id": id, "created_at": when, "text": text, "emotion": emotion, "url": url, **nothing}


def known_subjects(texts: Iterable[str]) -> Iterator[list[Subject]]:
    """Stands in for `find_subjects`, which the page does not depend on."""
    for text in texts:
        yield [Subject(subject, "phrase") for subject in SUBJECTS if subject in text.lower()]


def storm_archive(
    folder: Path, given: Sequence[Mapping[str, object]] | None = None, *, mapped: bool = False
) -> Archive:
    """An index of the posts above, or of others, open."""
    table = write_posts([*map(dict, posts() if given is None else given)], folder / "posts.parquet")
    build(table, folder / "index", name="Storms", mapped=mapped, find_subjects=known_subjects)
    return open_archive(folder / "index")


class Late:
    """An archive whose answers are late: by seconds from a list, one after the other and again."""

    def __init__(self, archive: Archive, delays: Sequence[float] = (0,)) -> None:
        self.archive, self.delays, self.asked, self.lock = archive, delays, 0, threading.Lock()
        self.index, self.facts = archive.index, archive.facts

    def views(self, state: Mapping[str, str | None], **how: Any) -> dict[str, Any]:
        with self.lock:
            delay = self.delays[self.asked % len(self.delays)]
            self.asked += 1
        answer = self.archive.views(state, **how)
        time.sleep(delay)
        return answer

    def post(self, *asked: str | None) -> dict[str, Any] | None:
        return self.archive.post(*asked)


@contextlib.contextmanager
def served(archive: Any, newest: Callable[[], Archive] | None = None) -> Iterator[str]:
    """The address of a running server."""
    with running(application(archive, newest)) as address:
        yield address
