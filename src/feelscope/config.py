"""Read TOML into frozen dataclasses; a wrong name gets a close match, a wrong type says what was expected."""

import difflib
import json
import tomllib
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from feelscope.errors import ConfigError

T = TypeVar("T")


def read_toml(path: Path, kind: type[T]) -> T:
    """Read a TOML file into a dataclass.

    Raises:
        ConfigError: The file is missing or torn, a key is unknown or missing, or a value has the wrong type.
    """
    return build(parse_toml(path), kind, str(path))


def parse_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file as it is.

    Raises:
        ConfigError: The file is missing or torn.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not TOML ({error})") from error


def build(values: Mapping[str, Any], kind: type[T], where: str) -> T:
    """Build a dataclass from plain values; `where` names their place in errors.

    Raises:
        ConfigError: A key is unknown or missing, or a value has the wrong type.
    """
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    for name in values:
        if name not in known:
            raise ConfigError(f"{where}: {name!r} is not a setting; {did_you_mean(name, known)}")
    hints = get_type_hints(kind)
    given = {name: _convert(value, hints[name], f"{where}, {name}") for name, value in values.items()}
    for name, field in known.items():
        if name not in given and field.default is MISSING and field.default_factory is MISSING:
            raise ConfigError(f"{where}: the setting {name!r} is missing")
    try:
        return kind(**given)
    except ConfigError as error:  # a value out of range, found by the dataclass itself
        raise ConfigError(f"{where}: {error}") from None


def to_toml(value: Any) -> str:
    """Write a dataclass as TOML that `read_toml` reads back; plain settings first, then tables of tables."""
    tables: list[str] = []
    lines: list[str] = []
    for entry in fields(value):
        content = getattr(value, entry.name)
        if isinstance(content, tuple) and content and is_dataclass(content[0]):
            tables += [f"\n[[{entry.name}]]\n{to_toml(part)}" for part in content]
        else:
            lines.append(f"{entry.name} = {_literal(content)}\n")
    return "".join(lines + tables)


def _literal(value: Any) -> str:
    if isinstance(value, float):
        return repr(value)  # inf and nan, which JSON has no words for
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML allows no raw delete sign


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error about a wrong name: the close match, or all that is known."""
    choices = list(known)
    close = close_match(name, choices)
    return f"did you mean {close!r}?" if close else f"known are {', '.join(choices)}"


def close_match(name: str, known: Iterable[str]) -> str | None:
    """The known name most like a wrong one; None where no name is like it."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)


def _convert(value: Any, hint: Any, where: str) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):  # only ever `X | None`, and TOML has no None
        return _convert(value, next(kind for kind in inner if kind is not type(None)), where)
    if origin is tuple and isinstance(value, list):
        return tuple(_convert(entry, inner[0], f"{where}[{index}]") for index, entry in enumerate(value))
    if is_dataclass(hint) and isinstance(value, dict):
        return build(value, hint, where)  # type: ignore[arg-type]
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and type(value) is hint:
        return value
    wanted = getattr(hint, "__name__", str(hint))
    raise ConfigError(f"{where}: expected {wanted}, found {value!r}")
