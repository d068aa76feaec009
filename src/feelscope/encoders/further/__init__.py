"""What a post may have besides words and a picture: tags, emoji, numbers. Each becomes a vector, or is absent.

fit("tags", posts)                     which tags, by the training posts
fit("numbers:ups,comments", posts)     after the colon: the columns
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Protocol

import numpy as np

from feelscope.config import build, did_you_mean
from feelscope.encoders.further.emoji import Emoji
from feelscope.encoders.further.numbers import Numbers
from feelscope.encoders.further.tags import Tags
from feelscope.errors import ConfigError
from feelscope.post import Post


class Modality(Protocol):
    """What every kind does once it is fitted."""

    @property
    def width(self) -> int:
        """The length D of its vectors, 1 or more."""

    def vector(self, post: Post) -> np.ndarray | None:
        """float32 (D,) of a post; None where the post has nothing of the kind."""


KINDS: Mapping[str, type[Tags] | type[Emoji] | type[Numbers]] = {"tags": Tags, "emoji": Emoji, "numbers": Numbers}


def fit(kind: str, posts: Sequence[Post]) -> Modality:
    """Fit a modality on training posts.

    Args:
        kind: One of `KINDS`; for numbers with their columns, `numbers:ups,comments`.
        posts: The training posts and no others, or what those contain leaks.

    Raises:
        ConfigError: There is no such kind, or its columns are missing or too many.
        TableError: The posts have nothing of it, or a number is infinite.
    """
    name, _, columns = kind.partition(":")
    _check(name, "the modality")
    named = tuple(column.strip() for column in columns.split(",") if column.strip())
    if name == "numbers":
        return Numbers.fit(posts, named)
    if named:
        raise ConfigError(f"the modality {name!r} takes no columns, found {columns!r}; write {name!r} alone")
    return Tags.fit(posts) if name == "tags" else Emoji.fit(posts)


def to_json(modality: Modality) -> str:
    """Write a fitted modality as JSON that `from_json` reads back."""
    name = next(name for name, kind in KINDS.items() if type(modality) is kind)
    return json.dumps({"kind": name, **asdict(modality)}, ensure_ascii=False, indent=2)  # type: ignore[call-overload]


def from_json(text: str, where: str) -> Modality:
    """Read a fitted modality.

    Args:
        where: The file's name, for errors.

    Raises:
        ConfigError: It is damaged, of an unknown kind, or a setting is missing or wrong.
    """
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{where}: not JSON ({error}); copy the model again") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{where}: expected a JSON object, found {type(values).__name__}; copy the model again")
    name = values.pop("kind", None)
    _check(name, f"{where}: the modality")
    return build(values, KINDS[name], where)


def _check(name: object, what: str) -> None:
    if not isinstance(name, str) or name not in KINDS:
        raise ConfigError(f"{what} {name!r} is unknown; {did_you_mean(str(name), KINDS)} ({', '.join(KINDS)})")
