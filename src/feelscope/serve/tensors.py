"""What the Open Inference Protocol sends and answers, as types that check it and describe it (OpenAPI)."""

from typing import Annotated, Any

from feelscope.errors import needs_extra

with needs_extra("the service", "serve"):
    from pydantic import BaseModel, ConfigDict, Field

INPUTS = ("title", "text", "image")
_STRICT = ConfigDict(strict=True)  # of each, as one inside another does not inherit it


class Tensor(BaseModel):
    """A tensor of texts."""

    model_config = _STRICT

    name: str = Field(pattern=f"^({'|'.join(INPUTS)})$")
    shape: list[Annotated[int, Field(ge=1)]] = Field(min_length=1, max_length=2)
    datatype: str = Field(pattern="^BYTES$")
    data: list[str | Annotated[list[str], Field(min_length=1, max_length=1)]] = Field(min_length=1)
    parameters: dict[str, Any] = {}


class Wanted(BaseModel):
    """An output that is asked for."""

    model_config = _STRICT

    name: str = Field(pattern="^(emotion|probabilities)$")
    parameters: dict[str, Any] = {}


class Inference(BaseModel):
    """What is sent to `infer`."""

    model_config = _STRICT

    id: str = ""
    parameters: dict[str, Any] = {}
    inputs: list[Tensor] = Field(min_length=1, max_length=len(INPUTS))
    outputs: list[Wanted] = []


class Server(BaseModel):
    """Who answers."""

    name: str
    version: str
    extensions: list[str]


class Live(BaseModel):
    """Whether the service runs."""

    live: bool


class Ready(BaseModel):
    """Whether it takes posts."""

    ready: bool


class ModelReady(Ready):
    """Whether a model takes posts."""

    name: str


class TensorShape(BaseModel):
    """What a tensor has to be; -1 is any number of posts."""

    name: str
    datatype: str
    shape: list[int]


class TensorModel(BaseModel):
    """A model's tensors."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorShape]
    outputs: list[TensorShape]
    parameters: dict[str, list[str]] = Field(description="Its emotions, in the order of the probabilities.")


class Output(TensorShape):
    """A tensor that is answered."""

    data: list[str] | list[float]


class Inferred(BaseModel):
    """What `infer` answers."""

    model_name: str
    model_version: str
    id: str
    outputs: list[Output]
