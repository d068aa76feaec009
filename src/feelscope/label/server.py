"""The page's server: one post at a time to each person, and their answers back."""

import contextlib
from pathlib import Path
from typing import Any

from feelscope.errors import PictureError
from feelscope.images import content, ending
from feelscope.label.session import Session

# Starlette's names come from the page server, which says what to install where there is no Starlette.
from feelscope.web.page_server import HTTPException, JSONResponse, Request, Response, Route, Starlette, taking
from feelscope.web.page_server import application as pages

PAGE = Path(__file__).parent / "page"


def application(session: Session) -> Starlette:
    """The page of a session, as an ASGI application."""

    def next_post(request: Request) -> Response:
        return JSONResponse(session.next(request.query_params.get("annotator", "")))

    def answer(given: Any) -> dict[str, Any]:
        try:
            person, id, choice = str(given["annotator"]).strip(), str(given["id"]), str(given["answer"])
            seconds = float(given.get("seconds") or 0)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise HTTPException(400, "expected annotator, id and answer") from None
        try:
            return session.answer(person, id, choice, seconds)
        except OSError as error:
            raise HTTPException(500, f"{session.answers.path}: cannot be written ({error.strerror})") from error

    def image(request: Request) -> Response:
        post, data = session.post(request.query_params.get("id", "")), b""
        if post is not None and post.image is not None and session.show != "text":
            with contextlib.suppress(PictureError), content(post.image) as data:
                pass
        kind = ending(data).removeprefix(".")
        if not kind:
            raise HTTPException(404, "no picture")
        return Response(data, media_type=f"image/{'jpeg' if kind == 'jpg' else kind}")

    posting = Route("/answer", taking(answer), methods=["POST"])
    return pages(PAGE, [Route("/next.json", next_post), Route("/image", image), posting], cache="no-store")
