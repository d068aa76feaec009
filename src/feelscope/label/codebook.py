"""The codebook: the emotions that people choose from, each with a definition and an example, and what they are asked.

title = "Letters to a newspaper"
question = "What does the writer feel?"

[[emotion]]
name = "Verlust"
definition = "Something or somebody is gone for good."
example = "The house is so quiet without him."
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from feelscope.config import build, parse_toml
from feelscope.emotions import check_own
from feelscope.errors import ConfigError

MOST = 30  # emotions; more fit neither the keys nor a page
UNCLEAR, SKIPPED = "unclear", "skipped"  # answers of every codebook: nobody can tell; not now
_LONGEST = 1000  # characters of a definition, an example or the question


@dataclass(frozen=True, slots=True)
class Emotion:
    """One emotion of a codebook."""

    name: str
    definition: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Codebook:
    """What people are asked, and what they may answer."""

    emotion: tuple[Emotion, ...]  # in the order of their keys
    title: str = ""
    question: str = ""  # in place of the page's own

    def __post_init__(self) -> None:
        if not self.emotion:
            raise ConfigError('no emotion; each is a table [[emotion]] with name = "...", definition and example')
        check_own(self.names)
        if len(self.emotion) > MOST:
            raise ConfigError(f"{len(self.emotion)} emotions, and a page has room for {MOST}")
        if taken := {UNCLEAR, SKIPPED} & {name.casefold() for name in self.names}:
            raise ConfigError(f"{taken.pop()!r} has a button of its own; leave it out")
        for text in (
            self.title,
            self.question,
            *(part for one in self.emotion for part in (one.definition, one.example)),
        ):
            if len(text) > _LONGEST:
                raise ConfigError(f"a text of {len(text):,} characters ({text[:40]}...), over {_LONGEST:,}")

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the emotions."""
        return tuple(one.name for one in self.emotion)

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        return asdict(self)


def of_names(names: Sequence[str]) -> Codebook:
    """A codebook of names alone."""
    return Codebook(tuple(Emotion(name) for name in names))


def read_codebook(path: Path) -> Codebook:
    """Read a codebook from TOML.

    Raises:
        ConfigError: It is none.
    """
    values = {"emotion": [], **parse_toml(path)}
    if not isinstance(values["emotion"], list):
        raise ConfigError(f"{path}, emotion: each is a table of its own, under a line [[emotion]]")
    return from_values(values, str(path))


def from_values(values: Mapping[str, Any], where: str) -> Codebook:
    """A codebook of plain values, as `Codebook.to_json` gives them; `ConfigError` names where they are from."""
    return build(values, Codebook, where)
