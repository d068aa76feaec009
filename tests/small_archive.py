"""A small archive for the page, the same in every run, and its server in a thread."""

import contextlib
import random
import threading
import time
from datetime import date, timedelta

import uvicorn
from stand_in import EMOTIONS, StandIn

from feelscope.explore.server import application, bound

FIRST, DAYS = date(2010, 1, 4), 1_090
MARKUP = "The storm <img src=x onerror=\"document.title='run'\"><b>Red Cross</b> said 😀 storm & more"
RIGHT_TO_LEFT = "עברית Red Cross storm שלום"


def posts():
    """600 posts: a storm in 2011 that the Red Cross is in, and ordinary days."""
    random.seed(5)
    found = []
    for number in range(600):
        day = random.randrange(DAYS)
        storm = (abs(day - 600) < 90 and random.random() < 0.8) or random.random() < 0.1
        red = storm and random.random() < 0.5
        words = random.sample("garden market music train winter harbour bread letter".split(), 3)
        text = f"A {'storm' if storm else 'quiet day'} at the {' '.join(words)}" + (
            " and the Red Cross came" if red else ""
        )
        emotion = random.choice(("fear", "sadness") if storm else EMOTIONS)
        found.append({"id": f"p{number}", "date": (FIRST + timedelta(day)).isoformat(), "title": "", "text": text,
                      "emotion": emotion, "url": "javascript:alert(1)", "source": "test"})  # fmt: skip
    for number, text in enumerate((MARKUP, RIGHT_TO_LEFT)):
        found.append({"id": f"odd{number}", "date": FIRST.isoformat(), "title": "<i>Title</i>", "text": text,
                      "emotion": "fear", "url": "https://example.org/", "source": "test",
                      "probabilities": {"fear": 0.75, "neutral": 0.25}})  # fmt: skip
    return found


class Slow:
    """Answers of an archive, late: a list of seconds, one after the other and again."""

    def __init__(self, archive, delays=(0,)):
        self.archive, self.delays, self.asked, self.lock = archive, delays, 0, threading.Lock()
        self.thumbnails = archive.thumbnails

    def views(self, state, **how):
        with self.lock:
            delay = self.delays[self.asked % len(self.delays)]
            self.asked += 1
        answer = self.archive.views(state, **how)
        time.sleep(delay)
        return answer

    def post(self, id):
        return self.archive.post(id)


@contextlib.contextmanager
def served(archive):
    """The address of a running server."""
    listening = bound(0)
    server = uvicorn.Server(uvicorn.Config(application(archive), log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def archive():
    return StandIn(posts())
