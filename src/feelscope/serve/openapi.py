"""The service described by OpenAPI 3.1: every route, what it takes and what it answers."""

from typing import Any, Literal

from feelscope import __version__
from feelscope.errors import needs_extra
from feelscope.serve.bodies import FORM, JSON
from feelscope.serve.measures import TYPE
from feelscope.serve.shapes import Answer, Answers, Explained, Fault, Models, Shapes, Status
from feelscope.serve.tensors import Inference, Inferred, Live, ModelReady, Ready, Server, TensorModel

with needs_extra("the service", "serve"):
    from pydantic import BaseModel
    from pydantic.json_schema import models_json_schema

_REFERENCE = "#/components/schemas/{model}"
_FAULTS = {
    "400": "The request is not HTTP, or asks by a name that is not this service's.",
    "401": "A key is expected.",
    "403": "Sent by the page of another site.",
    "404": "There is no such model.",
    "413": "The body is too large.",
    "415": "The body is of another type.",
    "422": "The body is not as described; the answer says where.",
    "503": "It is busy or ends; try again after `Retry-After` seconds.",
}
_OURS = (Answer, Answers, Explained, Models, Fault, Status)  # that are answered
_PROTOCOL = (Inferred, Live, ModelReady, Ready, Server, TensorModel)


def document(shapes: Shapes, model: str, *, keys: bool) -> dict[str, Any]:
    """The OpenAPI document.

    Args:
        model: Its name.
        keys: Whether requests need one.
    """
    taken: list[type[BaseModel]] = [shapes.post, shapes.posts, shapes.question, Inference]
    kinds: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((one, "validation") for one in taken),
        *((one, "serialization") for one in (*_OURS, *_PROTOCOL)),
    ]
    _, schemas = models_json_schema(kinds, ref_template=_REFERENCE)
    post, posts, question = (_reference(one.__name__) for one in taken[:3])
    named = [{"name": "model", "in": "path", "required": True, "schema": {"type": "string", "enum": [model]}}]
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Feelscope", "version": __version__, "description": "How people feel from what they post."},
        "paths": {
            "/v1/predict": {
                "post": _taking(
                    "Predict the emotion of one post, or of several.",
                    {"oneOf": [post, posts]},
                    {"oneOf": [_reference("Answer"), _reference("Answers")]},
                    form=_form(schemas["$defs"]["GivenPost"]),
                )
            },
            "/v1/explain": {
                "post": _taking(
                    "Say which words, regions and modalities move an answer.",
                    question,
                    _reference("Explained"),
                    form=_form(schemas["$defs"]["Question"]),
                )
            },
            "/v1/models": {"get": _giving("The models that answer.", _reference("Models"), "401")},
            "/healthz": {"get": _giving("Whether the service runs.", _reference("Status"))},
            "/readyz": {"get": _giving("Whether it takes posts.", _reference("Status"), "503")},
            "/metrics": {"get": _metrics()},
            "/v2": {"get": _giving("The server, of the Open Inference Protocol.", _reference("Server"))},
            "/v2/health/live": {"get": _giving("Whether the service runs.", _reference("Live"))},
            "/v2/health/ready": {"get": _giving("Whether it takes posts.", _reference("Ready"), not_ready="Ready")},
            "/v2/models/{model}": {
                "get": _giving("The model's tensors.", _reference("TensorModel"), "401", "404"),
                "parameters": named,
            },
            "/v2/models/{model}/ready": {
                "get": _giving(
                    "Whether the model takes posts.", _reference("ModelReady"), "401", "404", not_ready="ModelReady"
                ),
                "parameters": named,
            },
            "/v2/models/{model}/infer": {
                "post": _taking("Predict posts as tensors.", _reference("Inference"), _reference("Inferred"), "404"),
                "parameters": named,
            },
        },
        "components": {"schemas": schemas["$defs"]},
    }
    if keys:
        found["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"key": []}]
        for path in ("/healthz", "/readyz", "/v2", "/v2/health/live", "/v2/health/ready"):
            found["paths"][path]["get"]["security"] = []
    return found


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": _REFERENCE.format(model=name)}


def _form(schema: dict[str, Any]) -> dict[str, Any]:
    """The same post as a form, whose picture is a file as it is."""
    properties = {name: dict(value) for name, value in schema["properties"].items()}
    properties["image"] = {"type": "string", "format": "binary", "description": "The picture's file."}
    return {**schema, "properties": properties}


def _taking(
    summary: str, body: dict[str, Any], answer: dict[str, Any], *faults: str, form: dict[str, Any] | None = None
) -> dict[str, Any]:
    content = {JSON: {"schema": body}, **({} if form is None else {FORM: {"schema": form}})}
    return {
        **_giving(summary, answer, "401", "413", "415", "422", "503", *faults),
        "requestBody": {"required": True, "content": content},
    }


def _giving(summary: str, answer: dict[str, Any], *faults: str, not_ready: str = "") -> dict[str, Any]:
    """A route without a body.

    Args:
        not_ready: The shape of an answer with status 503 that is no fault.
    """
    fault = {JSON: {"schema": _reference("Fault")}}
    responses = {status: {"description": _FAULTS[status], "content": fault} for status in {"400", "403", *faults}}
    if not_ready:
        content = {JSON: {"schema": _reference(not_ready)}}
        responses["503"] = {"description": "It takes none.", "content": content}
    answers = {"200": {"description": "The answer.", "content": {JSON: {"schema": answer}}}}
    return {"summary": summary, "responses": answers | dict(sorted(responses.items()))}


def _metrics() -> dict[str, Any]:
    given = _giving("Counts and times, for Prometheus.", {}, "401")
    given["responses"]["200"]["content"] = {TYPE: {"schema": {"type": "string"}}}
    return given
