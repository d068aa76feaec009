"""The Open Inference Protocol, version 2, for clients that speak it: posts as tensors of texts.

Inputs are `title`, `text` and `image` (base64), each `BYTES` of shape [N] or [N, 1] and each optional; outputs are
`emotion`, `BYTES` [N], and `probabilities`, `FP32` [N, K]. Tensors are JSON; the binary extension is not offered.

Source: github.com/open-inference/open-inference-protocol, "Open Inference Protocol REST API Specification".
"""

from collections.abc import Awaitable, Callable
from typing import Any

from feelscope import __version__
from feelscope.serve.asking import unless_gone
from feelscope.serve.bodies import JSON
from feelscope.serve.service import Asked, Service, asked
from feelscope.serve.tensors import INPUTS, Inference
from feelscope.web.page_server import HTTPException, Json, Request, Response

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(service: Service) -> list[tuple[str, str, Endpoint, bool]]:
    """Path, method, endpoint, and whether it is open without a key."""
    name = "/v2/models/{model}"

    def tensors_of(given: dict[str, Any]) -> tuple[Inference, list[Asked]]:
        inference = Inference.model_validate(given)
        posts = service.shapes.posts.model_validate({"posts": rows(inference)})
        return inference, [asked(one) for one in posts.posts]  # type: ignore[attr-defined]

    async def server(request: Request) -> Response:
        return Json({"name": "feelscope", "version": __version__, "extensions": []})

    async def alive(request: Request) -> Response:
        return Json({"live": True})

    async def ready(request: Request) -> Response:
        return Json({"ready": service.ready}, 200 if service.ready else 503)

    async def model(request: Request) -> Response:
        _check(service, request)
        texts = [{"name": one, "datatype": "BYTES", "shape": [-1]} for one in INPUTS]
        probabilities = {"name": "probabilities", "datatype": "FP32", "shape": [-1, len(service.classifier.emotions)]}
        return Json(
            {
                "name": service.classifier.name,
                "versions": [service.version],
                "platform": "onnxruntime",
                "inputs": texts,
                "outputs": [{"name": "emotion", "datatype": "BYTES", "shape": [-1]}, probabilities],
                "parameters": {"emotions": list(service.classifier.emotions)},
            }
        )

    async def model_ready(request: Request) -> Response:
        _check(service, request)
        return Json({"name": service.classifier.name, "ready": service.ready}, 200 if service.ready else 503)

    async def infer(request: Request) -> Response:
        _check(service, request)
        async with service.bodies.reading(request, (JSON,), tensors_of) as (inference, posts):
            answers = await unless_gone(request, service.predict(posts))
        emotions = service.classifier.emotions
        table = [[answer.probabilities.get(emotion, 0.0) for emotion in emotions] for answer in answers]
        outputs = [
            _tensor("emotion", "BYTES", [len(answers)], [answer.emotion or "" for answer in answers]),
            _tensor("probabilities", "FP32", [len(answers), len(emotions)], [one for row in table for one in row]),
        ]
        wanted = {output.name for output in inference.outputs} or {"emotion", "probabilities"}
        return Json(
            {
                "model_name": service.classifier.name,
                "model_version": service.version,
                "id": inference.id,
                "outputs": [output for output in outputs if output["name"] in wanted],
            }
        )

    return [
        ("/v2", "GET", server, True),
        ("/v2/health/live", "GET", alive, True),
        ("/v2/health/ready", "GET", ready, True),
        (name, "GET", model, False),
        (f"{name}/ready", "GET", model_ready, False),
        (f"{name}/infer", "POST", infer, False),
    ]


def rows(inference: Inference) -> list[dict[str, Any]]:
    """The posts that the tensors hold, as `/v1/predict` takes them.

    Raises:
        HTTPException: Shapes and contents do not fit.
    """
    counts = {tensor.shape[0] for tensor in inference.inputs}
    names = [tensor.name for tensor in inference.inputs]
    if len(counts) > 1 or len(set(names)) < len(names):
        raise HTTPException(422, "inputs: expected each name once, and the same number of posts in all of them")
    posts: list[dict[str, Any]] = [{} for _ in range(min(len(inference.inputs[0].data), *counts))]
    for tensor in inference.inputs:
        data = [value if isinstance(value, str) else value[0] for value in tensor.data]
        if tensor.shape[1:] not in ([], [1]) or len(data) != tensor.shape[0]:
            raise HTTPException(422, f"{tensor.name}: expected shape [{len(data)}], found {tensor.shape}")
        for post, value in zip(posts, data, strict=True):
            post[tensor.name] = value
    return posts


def _check(service: Service, request: Request) -> None:
    asked_for, there = request.path_params["model"], service.classifier.name
    if asked_for != there:
        raise HTTPException(404, f"no model of this name; the one that answers is {there}")


def _tensor(name: str, datatype: str, shape: list[int], data: list[Any]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}
