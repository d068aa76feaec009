"""What is sent to the service and what it answers, as types that check it and describe it (OpenAPI)."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from feelscope.errors import needs_extra
from feelscope.serve.settings import ServiceSettings

with needs_extra("the service", "serve"):
    from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema, create_model

MOST_LETTERS = 100_000  # of a text, more than any network for posts allows
_LONGEST_NAME = 100  # letters of a name that is repeated in a fault
_STRICT = ConfigDict(extra="forbid", strict=True)
_READABLE = ("text", "title", "image", "image_url")


def _decoded(value: Any) -> Any:
    if isinstance(value, bytes):  # of a form, which has the file as it is
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError):
        raise ValueError("expected base64") from None


Base64 = Annotated[
    bytes,
    BeforeValidator(_decoded),
    WithJsonSchema({"type": "string", "format": "byte", "contentEncoding": "base64"}),
]


def _readable(schema: dict[str, Any]) -> None:
    """Say that a post has words or a picture."""
    schema["anyOf"] = [{"required": [name]} for name in _READABLE if name in schema["properties"]]


class GivenPost(BaseModel):
    """A post: words, a picture, or both."""

    model_config = ConfigDict(**_STRICT, json_schema_extra=_readable)

    id: str = Field("", max_length=1000, description="Comes back with the answer.")
    title: str = Field("", max_length=MOST_LETTERS, description="Read before the text.")
    text: str = Field("", max_length=MOST_LETTERS)
    image: Base64 = Field(b"", description="The file of the picture, or of a video, in base64.")

    def model_post_init(self, context: Any) -> None:
        """Refuse a post that has neither."""
        if not self.model_fields_set & set(_READABLE):
            raise ValueError("expected text, title or image")


class Question(GivenPost):
    """A post, and why an emotion is answered to it."""

    emotion: str = ""


class Answer(BaseModel):
    """What a model reads in a post."""

    id: str
    emotion: str | None = Field(description="The most probable; null where nothing could be read.")
    probabilities: dict[str, float] = Field(description="By emotion; they sum to one.")
    modalities: list[str] = Field(description="What was read: text, image, image_text (words in it), and further ones.")
    warnings: list[str] = Field(description="What was left out or cut, a sentence each.")


class Answers(BaseModel):
    """One answer a post, in the same order."""

    predictions: list[Answer]


class Explained(Answer):
    """Which parts of a post move an answer, as `feelscope explain post --json` says it."""

    modalities: dict[str, float] = Field(description="By how much each moves the probability.")  # type: ignore[assignment]
    explained: str | None = Field(description="Whose probability is explained; null where nothing could be read.")
    probability: float | None
    baseline: float | None = Field(description="What it would be if nothing could be read.")
    words: list[dict[str, Any]] = Field(description="word, field, start, end and weight.")
    regions: list[dict[str, Any]] = Field(description="left, top, right, bottom, in shares, and weight.")
    image_text: str = Field(description="The words that were read in the picture; of the field image_text.")
    passes: int = Field(description="How often the model was asked.")


class Fault(BaseModel):
    """What is wrong, in one line."""

    error: str


class Status(BaseModel):
    """How the service is."""

    status: str


class Models(BaseModel):
    """The models that answer."""

    models: list["ModelShape"]


class ModelShape(BaseModel):
    """One model."""

    name: str
    version: str = Field(description="Of its files: the first 12 digits of their SHA-256.")
    emotions: list[str]
    modalities: list[str]


@dataclass(frozen=True, slots=True)
class Shapes:
    """What may be sent, by the service's settings.

    Args:
        post: One post.
        posts: Its `posts` are several.
        question: A post and the emotion that is asked about.
    """

    post: type[GivenPost]
    posts: type[BaseModel]
    question: type[Question]


def shapes(settings: ServiceSettings, emotions: Sequence[str]) -> Shapes:
    """The types of a model and these settings: how many posts a request has, whether a picture may be an address."""
    post: type[GivenPost] = GivenPost
    known: Any = (Literal[("", *emotions)], Field("", description="By default, the one that is answered."))
    question = create_model("Question", __base__=Question, __doc__=Question.__doc__, emotion=known)
    if settings.image_urls:
        address = (str, Field("", max_length=4000, description="Of the picture, in place of `image`."))
        post = create_model("GivenPost", __base__=GivenPost, __doc__=GivenPost.__doc__, image_url=address)
        question = create_model("Question", __base__=question, __doc__=Question.__doc__, image_url=address)
    several = (list[post], Field(min_length=1, max_length=settings.most_posts))  # type: ignore[valid-type]
    posts = create_model("GivenPosts", __config__=_STRICT, __doc__="Several posts.", posts=several)
    return Shapes(post, posts, question)


def said(error: ValidationError) -> str:
    """The first fault in one line: where it is and what is expected."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    first = faults[0]
    where = ".".join(_name(place) for place in first["loc"])
    what = first["msg"].removeprefix("Value error, ")
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{where}: {what}{more}" if where else f"{what}{more}"


def _name(place: int | str) -> str:
    """A name as it was sent, in one line and not too long."""
    name = json.dumps(place, ensure_ascii=False)[1:-1] if isinstance(place, str) else str(place)
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
