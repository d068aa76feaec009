"""The page: a web server on this machine alone that shows one post at a time and takes answers."""

import json
import random
import threading
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from feelscope.errors import LabelError, PictureError
from feelscope.images import ending, read_content
from feelscope.label.answers import Answers
from feelscope.post import Post

PAGE = Path(__file__).parent / "page.html"
LONGEST = 20_000  # bytes of an answer
_POLICY = (  # what the page may load: its own pictures and answers, nothing from the web
    "default-src 'none'; img-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)
SHOWS = ("both", "text", "image")


@dataclass(frozen=True)
class Session:
    """What is asked.

    Args:
        posts: In the order they are shown; the same for everybody.
        choices: The answers there are, as they are numbered.
        show: `both`, `text` or `image`.
        predictions: Post to the model's answer, for the question whether it is right.
        words: Post to spans of its text, [start, end, weight], that explain the model's answer.
    """

    posts: Sequence[Post]
    choices: Sequence[str]
    answers: Answers
    show: str = "both"
    predictions: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)

    def next(self, annotator: str) -> dict[str, Any]:
        """The first post that a person has not answered, as the page needs it."""
        done = self.answers.by_person.get(annotator, {})
        left = [post for post in self.posts if post.id not in done]
        state: dict[str, Any] = {"done": len(self.posts) - len(left), "total": len(self.posts), "choices": self.choices}
        if not left:
            return state
        post = left[0]
        shown: dict[str, Any] = {"id": post.id, "title": "", "text": "", "image": False, "words": []}
        if self.show != "image":
            shown |= {"title": post.title, "text": post.text, "words": list(self.words.get(post.id, ()))}
        if self.show != "text":
            shown["image"] = post.image is not None
        return {**state, **shown, "prediction": self.predictions.get(post.id, "")}


def shuffled(posts: Sequence[Post], show: str, sample: int | None, seed: int) -> list[Post]:
    """Posts that can be shown, in an order that is the same for everybody.

    Raises:
        LabelError: There are none.
    """
    fit = [post for post in posts if (post.image is not None if show == "image" else post.has_text or show == "both")]
    fit.sort(key=lambda post: post.id)
    random.Random(seed).shuffle(fit)
    if not fit:
        raise LabelError(f"no post has what --show {show} shows")
    return fit[:sample]


class Server(ThreadingHTTPServer):
    """Serves one session on 127.0.0.1.

    Args:
        port: 0 takes any that is free.

    Raises:
        LabelError: The port is taken.
    """

    daemon_threads = True

    def __init__(self, session: Session, port: int) -> None:
        self.session, self.lock = session, threading.Lock()
        self.by_id = {post.id: post for post in session.posts}
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise LabelError(f"port {port} cannot be used ({error.strerror}); name another with --port") from error

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:  # the name that http.server calls
        if not self._is_ours():
            return
        parts = urllib.parse.urlsplit(self.path)
        query = {name: values[0] for name, values in urllib.parse.parse_qs(parts.query).items()}
        if parts.path == "/":
            self._send(200, "text/html; charset=utf-8", PAGE.read_bytes())
        elif parts.path == "/next.json":
            with self.server.lock:
                self._say(200, self.server.session.next(query.get("annotator", "")))
        elif parts.path == "/image":
            self._image(query.get("id", ""))
        else:
            self._say(404, {"error": "nothing here"})

    def do_POST(self) -> None:
        if not self._is_ours():
            return
        # A page of another site can neither set this type without asking first nor pass for this origin.
        origin = self.headers.get("Origin")
        if self.headers.get("Content-Type") != "application/json" or origin not in (None, *self._own_origins()):
            self._say(403, {"error": "not from this page"})
            return
        try:
            length = int(self.headers.get("Content-Length") or 0)
            given = json.loads(self.rfile.read(length)) if 0 < length <= LONGEST else {}
            person, id, answer = str(given["annotator"]).strip(), str(given["id"]), str(given["answer"])
            seconds = float(given.get("seconds") or 0)
        except (ValueError, KeyError, TypeError, AttributeError):
            self._say(400, {"error": "expected annotator, id and answer"})
            return
        session = self.server.session
        if not person or len(person) > 100 or id not in self.server.by_id or answer not in session.choices:
            self._say(400, {"error": "no such annotator, post or answer"})
            return
        with self.server.lock:
            try:
                session.answers.add(person, id, answer, seconds)
            except LabelError as error:
                self._say(500, {"error": str(error)})
                return
            self._say(200, session.next(person))

    def _own_origins(self) -> tuple[str, str]:
        return f"http://127.0.0.1:{self.server.server_port}", f"http://localhost:{self.server.server_port}"

    def _is_ours(self) -> bool:
        """Refuse other host names: a page of the web may have its own name lead here."""
        if f"http://{self.headers.get('Host')}" in self._own_origins():
            return True
        self._say(403, {"error": "open it as 127.0.0.1"})
        return False

    def _image(self, id: str) -> None:
        post = self.server.by_id.get(id)
        try:
            if post is None or post.image is None or self.server.session.show == "text":
                raise PictureError("no picture")
            content = post.image if isinstance(post.image, bytes) else read_content(post.image)
            kind = ending(content).removeprefix(".")
            if not kind:
                raise PictureError("no picture")
        except PictureError:
            self._say(404, {"error": "no picture"})
            return
        self._send(200, f"image/{'jpeg' if kind == 'jpg' else kind}", content)

    def _say(self, status: int, content: object) -> None:
        self._send(status, "application/json", json.dumps(content).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", _POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing: progress is on the page."""
