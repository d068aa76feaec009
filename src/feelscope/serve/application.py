"""The routes of the service, as an ASGI application: what is asked, checked, answered and counted."""

import asyncio
import hmac
import os
import time
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from feelscope.errors import FeelscopeError, needs_extra
from feelscope.predict import row
from feelscope.serve import open_inference, openapi
from feelscope.serve.asking import unless_gone
from feelscope.serve.bodies import BUSY_SECONDS, FORM, JSON
from feelscope.serve.measures import TYPE
from feelscope.serve.service import Asked, Service, asked
from feelscope.serve.shapes import said
from feelscope.serve.work import QueueFull
from feelscope.web import page_server
from feelscope.web.page_server import ASGIApp, HTTPException, Json, Request, Response, Route

with needs_extra("the service", "serve"):
    from pydantic import ValidationError
    from starlette.requests import ClientDisconnect
    from starlette.types import Message, Receive, Scope, Send

PAGE = Path(__file__).parent / "page"
Endpoint = Callable[[Request], Awaitable[Response]]


def application(service: Service) -> ASGIApp:
    """Everything that the service answers, as an ASGI application."""
    settings, shapes = service.settings, service.shapes
    described = openapi.document(shapes, service.classifier.name, keys=bool(settings.keys))

    def posts_of(given: dict[str, Any]) -> tuple[list[Asked], bool]:
        """The posts, and whether they came as several."""
        if "posts" in given:
            return [asked(one) for one in shapes.posts.model_validate(given).posts], True  # type: ignore[attr-defined]
        return [asked(shapes.post.model_validate(given))], False

    def question_of(given: dict[str, Any]) -> tuple[Asked, str]:
        question = shapes.question.model_validate(given)
        return asked(question), question.emotion

    async def predict(request: Request) -> Response:
        async with service.bodies.reading(request, (JSON, FORM), posts_of) as (posts, several):
            found = [row(one) for one in await unless_gone(request, service.predict(posts))]
            return Json({"predictions": found} if several else found[0])

    async def explain(request: Request) -> Response:
        async with service.bodies.reading(request, (JSON, FORM), question_of) as question:
            return Json(await unless_gone(request, service.explain(*question)))

    async def models(request: Request) -> Response:
        return Json({"models": [model_of(service)]})

    async def alive(request: Request) -> Response:
        return Json({"status": "ok"})

    async def ready(request: Request) -> Response:
        if service.ready:
            return Json({"status": "ready"})
        why = "stopping" if service.stopping else "the queue is full"
        return Json({"error": why}, 503, {"Retry-After": str(BUSY_SECONDS)})

    async def metrics(request: Request) -> Response:
        return Response(service.measures.text(), headers={"Content-Type": TYPE})

    async def document(request: Request) -> Response:
        return Json(described)

    routes = [
        Route("/v1/predict", keyed(service, predict), methods=["POST"]),
        Route("/v1/explain", keyed(service, explain), methods=["POST"]),
        Route("/v1/models", keyed(service, models)),
        Route("/healthz", alive),
        Route("/readyz", ready),
        Route("/metrics", keyed(service, metrics)),
        Route("/openapi.json", document),
        *(
            Route(path, handler if is_open else keyed(service, handler), methods=[method])
            for path, method, handler, is_open in open_inference.routes(service)
        ),
    ]
    others = ("[::1]", *(host.lower() for host in settings.hosts))
    pages = page_server.application(PAGE, routes, cache="no-store", others=others)
    return counting(pages, service, {route.path.replace("{model}", service.classifier.name) for route in routes})


def model_of(service: Service) -> dict[str, Any]:
    """What is said of the model."""
    model = service.classifier
    return {
        "name": model.name,
        "version": service.version,
        "emotions": list(model.emotions),
        "modalities": list(model.modalities),
    }


def keyed(service: Service, endpoint: Endpoint) -> Endpoint:
    """An endpoint that asks for a key, where there are keys; its faults become one line and the right status."""
    known = [sha256(os.fsencode(key)).digest() for key in service.settings.keys]

    async def checked(request: Request) -> Response:
        if known and not _has_key(request, known):
            raise HTTPException(401, "expected a key: Authorization: Bearer KEY", {"WWW-Authenticate": "Bearer"})
        try:
            return await endpoint(request)
        except ValidationError as error:
            raise HTTPException(422, said(error)) from None
        except QueueFull as full:
            raise HTTPException(503, "the queue is full", {"Retry-After": str(full.seconds)}) from None
        except FeelscopeError as error:
            raise HTTPException(422, str(error)) from None
        except ClientDisconnect:  # nobody is there to be answered; counted under nginx's number for it
            return Response(status_code=499)
        except asyncio.CancelledError:  # the grace time is over
            if not service.stopping:
                raise
            service.unanswered += 1
            raise HTTPException(503, "the service stopped before it could answer") from None

    return checked


def _has_key(request: Request, known: list[bytes]) -> bool:
    """Whether the key is one of those known, in a time that says nothing of how much of it is right."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    # Headers are read as Latin-1, whatever their bytes are.
    given = sha256(key.strip().encode("latin-1")).digest() if kind.lower() == "bearer" else b""
    right = [hmac.compare_digest(given, one) for one in known]  # all of them, whichever is right
    return any(right)


def counting(app: ASGIApp, service: Service, known: set[str]) -> ASGIApp:
    """Count every request and how long it took, by route; an unknown path has none of its own."""

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        started, path = time.perf_counter(), cast(str, scope["path"])
        route = path if path in known else "other"

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                service.measures.requests.labels(route, str(message["status"])).inc()
                service.measures.request_seconds.labels(route).observe(time.perf_counter() - started)
            await send(message)

        await app(scope, receive, sending)

    return counted
