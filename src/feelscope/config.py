"""Settings: TOML into frozen dataclasses and back, wrong names with their close match, and what is the default.

By hand: pydantic takes 16 ms to import, and knows neither close matches nor how to write TOML.
"""

import difflib
import json
import math
import os
import tomllib
import types
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from feelscope.errors import ConfigError, one_line
from feelscope.files import read_bounded

T = TypeVar("T")
_MOST_BYTES = 200_000  # of a file of settings; the longest recipe has 3,000
_MOST_DOTS = 1000  # of a line; tomllib takes quadratic time for a key of many parts


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
        text = read_bounded(path, _MOST_BYTES).decode("utf-8")
        if any(line.count(".") > _MOST_DOTS for line in text.splitlines()):
            raise ValueError(f"a line with over {_MOST_DOTS:,} dots")
        return tomllib.loads(text)
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    # ValueError: no TOML, no UTF-8, a number of 5,000 digits, a date of the year 0.
    except (ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(f"{path}: not TOML ({one_line(error)[:200]})") from error


def build(values: Mapping[str, Any], kind: type[T], where: str) -> T:
    """Build a dataclass from plain values; `where` names their place in errors.

    Raises:
        ConfigError: A key is unknown or missing, or a value has the wrong type.
    """
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    for name in values:
        if name not in known:
            raise ConfigError(f"{where}: {shown(name)} is not a setting; {did_you_mean(name, known)}")
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
    """Write a dataclass as TOML that `read_toml` reads back."""
    return _table(value, "").lstrip("\n")


def _table(value: Any, path: str) -> str:
    """A dataclass as a TOML table: plain settings first, then tables within it, then lists of tables."""
    lines: list[str] = []
    tables: list[str] = []
    for entry in fields(value):
        content, name = getattr(value, entry.name), f"{path}{entry.name}"
        if is_dataclass(content):
            tables.append(f"\n[{name}]\n{_table(content, f'{name}.')}")
        elif isinstance(content, tuple) and content and is_dataclass(content[0]):
            tables += [f"\n[[{name}]]\n{_table(part, f'{name}.')}" for part in content]
        elif content is not None:  # TOML has no None; what is left out reads back as None
            lines.append(f"{entry.name} = {_literal(content)}\n")
    return "".join(lines + tables)


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML allows no raw delete sign


def check_choices(settings: Any, **choices: Iterable[str]) -> None:
    """Refuse a setting whose value is not one of those that are known.

    Args:
        settings: A dataclass, or values by name.
        choices: The known values, by the setting's name.

    Raises:
        ConfigError: It names the setting and a close match.
    """
    for name, known in choices.items():
        value = settings[name] if isinstance(settings, Mapping) else getattr(settings, name)
        if value not in known:
            raise ConfigError(f"{name}: {shown(value)} is not known; {did_you_mean(value, known)}")


def check_ranges(settings: Any, *ranges: tuple[str, Callable[[Any], bool], str]) -> None:
    """Refuse a setting whose value is out of range.

    Args:
        ranges: Names of settings, with spaces between, whether a value is right, and what is expected in words.

    Raises:
        ConfigError: It names the setting, what is expected, and the value.
    """
    for names, is_right, expected in ranges:
        for name in names.split():
            if not is_right(value := getattr(settings, name)):
                raise ConfigError(f"{name}: expected {expected}, found {shown(value)}")


def shown(value: object) -> str:
    """A value that came from outside, for a message: short, whatever it is."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of 5,000 digits, lists in lists
        text = f"{type(value).__name__}, too long or too deep to show"
    return text if len(text) <= 100 else f"{text[:100]}..."


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error about a wrong name: the close match, capitals aside, or what is known."""
    # By difflib: of 57 typos it sets 55 right in its 0.5 ms of import, rapidfuzz's best scorer 55 too, in 8 ms; both
    # guess at 2 of 20 unrelated names (python benchmarks/close_matches.py).
    choices = list(known)
    by_word = {word.lower(): word for word in choices}
    close = difflib.get_close_matches(name[:100].lower(), by_word, n=1)
    return f"did you mean {by_word[close[0]]!r}?" if close else f"known are {listed(choices)}"


def listed(names: Collection[str]) -> str:
    """Names for a message, the first twenty."""
    shown = ", ".join(name if name.isprintable() else ascii(name) for name in list(names)[:20])
    more = len(names) - 20
    return f"{shown or 'none'} and {more} more" if more > 0 else shown or "none"


def processors() -> int:
    """How many processors this process may use; a job on a shared machine may have fewer than the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _convert(value: Any, hint: Any, where: str) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):  # only ever `X | None`, and TOML has no None
        return _convert(value, next(kind for kind in inner if kind is not type(None)), where)
    if origin is tuple and isinstance(value, list):
        return tuple(_convert(entry, inner[0], f"{where}[{index}]") for index, entry in enumerate(value))
    if is_dataclass(hint) and isinstance(value, dict):
        return build(value, hint, where)  # type: ignore[arg-type]
    if hint is float and type(value) is int and abs(value) < 1e300:
        return float(value)
    if hint is float and type(value) is float and not math.isfinite(value):
        raise ConfigError(f"{where}: expected a finite number, found {value}")
    if isinstance(hint, type) and type(value) is hint:
        return value
    wanted = getattr(hint, "__name__", str(hint))
    raise ConfigError(f"{where}: expected {wanted}, found {shown(value)}")
