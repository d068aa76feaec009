"""The page's server: one post at a time to each person, and their answers back."""

import contextlib
from pathlib import Path
from typing import Any

from feelscope.errors import PictureError
from feelscope.images import ending, is_video, small_jpeg
from feelscope.label.session import Session

# Starlette's names come from the page server, which says what to install where there is no Starlette.
from feelscope.web.page_server import ASGIApp, FileResponse, HTTPException, Json, Request, Response, Route, taking
from feelscope.web.page_server import application as pages

PAGE = Path(__file__).parent / "page"
_SIDE, _QUALITY = 1280, 85  # of the frame that is shown of a video: pixels of its longer side; JPEG's


def application(session: Session) -> ASGIApp:
    """The page of a session, as an ASGI application."""

    def next_post(request: Request) -> Response:
        return Json(session.next(request.query_params.get("annotator", "")))

    def about(request: Request) -> Response:
        return Json(session.about())

    def previous(request: Request) -> Response:
        asked = request.query_params
        return Json(session.previous(asked.get("annotator", ""), asked.get("before", "")))

    def answer(given: Any) -> dict[str, Any]:
        match given:
            case {"annotator": str(person), "id": str(id), "answer": str(choice)}:
                seconds, note = given.get("seconds"), given.get("note", "")
            case _:
                raise HTTPException(400, "expected annotator, id and answer")
        if not isinstance(seconds, int | float | None) or isinstance(seconds, bool):
            raise HTTPException(400, "expected seconds as a number")
        if not isinstance(note, str):
            raise HTTPException(400, "expected note as a text")
        try:
            return session.answer(person, id, choice, seconds or 0, note)
        except OSError as error:
            raise HTTPException(500, f"{session.answers.path}: cannot be written ({error.strerror})") from error

    def image(request: Request) -> Response:
        post, kind = session.post(request.query_params.get("id", "")), ""
        if post is not None and post.image is not None and session.show != "text":
            with contextlib.suppress(PictureError):
                kind = ending(post.image).removeprefix(".")
        if post is None or post.image is None or not kind:
            raise HTTPException(404, "no picture")
        if is_video(post.image):
            try:
                return Response(small_jpeg(post.image, _SIDE, _QUALITY), media_type="image/jpeg")
            except PictureError as error:
                raise HTTPException(404, str(error)) from error
        kind = f"image/{'jpeg' if kind == 'jpg' else kind}"
        if isinstance(post.image, bytes):
            return Response(post.image, media_type=kind)
        return FileResponse(post.image, media_type=kind)  # which is sent piece by piece

    routes = [
        Route("/about.json", about),
        Route("/next.json", next_post),
        Route("/previous.json", previous),
        Route("/image", image),
        Route("/answer", taking(answer), methods=["POST"]),
    ]
    return pages(PAGE, routes, cache="no-store")
