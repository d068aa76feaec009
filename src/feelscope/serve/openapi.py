"""The service described by OpenAPI 3.1: every route, what it takes and what it answers."""

from typing import Any, Literal

from feelscope import __version__
from feelscope.errors import needs_extra
from feelscope.serve.bodies import FORM, JSON
from feelscope.serve.open_inference import Inference
from feelscope.serve.shapes import Answer, Answers, Explained, Fault, Models, Shapes

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
    "503": "The queue is full; try again after `Retry-After` seconds.",
}


def document(shapes: Shapes, model: str, *, keys: bool) -> dict[str, Any]:
    """The OpenAPI document.

    Args:
        model: Its name.
        keys: Whether requests need one.
    """
    taken: list[type[BaseModel]] = [shapes.post, shapes.posts, shapes.question, Inference]
    kinds: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((one, "validation") for one in taken),
        *((one, "serialization") for one in (Answer, Answers, Explained, Models, Fault)),
    ]
    _, schemas = models_json_schema(kinds, ref_template=_REFERENCE)
    post, posts, question = (_reference(one.__name__) for one in taken[:3])
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
            "/healthz": {"get": _giving("Whether the service runs.", {"type": "object"})},
            "/readyz": {"get": _giving("Whether it takes posts.", {"type": "object"}, "503")},
            "/v2/models/{model}/infer": {
                "post": {
                    **_taking("The Open Inference Protocol.", _reference("Inference"), {"type": "object"}, "404"),
                    "parameters": [{"name": "model", "in": "path", "required": True, "schema": {"enum": [model]}}],
                }
            },
        },
        "components": {"schemas": schemas["$defs"]},
    }
    if keys:
        found["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"key": []}]
        for path in ("/healthz", "/readyz"):
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
        **_giving(summary, answer, "400", "401", "403", "413", "415", "422", "503", *faults),
        "requestBody": {"required": True, "content": content},
    }


def _giving(summary: str, answer: dict[str, Any], *faults: str) -> dict[str, Any]:
    fault = {JSON: {"schema": _reference("Fault")}}
    return {
        "summary": summary,
        "responses": {
            "200": {"description": "The answer.", "content": {JSON: {"schema": answer}}},
            **{status: {"description": _FAULTS[status], "content": fault} for status in sorted(faults)},
        },
    }
