"""The one reader of tags: what tables write in `tags`, as a tuple of texts without #."""

import re
from collections.abc import Iterable, Mapping

from feelscope.table.nested import read_nested

_MARKS = re.compile(r"[,;|#＃]")
_LIST = re.compile(r"\s*\[([^\[\]{}]*)\]\s*")  # without quotes: [joy, spring]
# Where an object says which tag it is: Mastodon and Bluesky exports, tweets v2, tweets v1, TikTok, others; best first.
_NAMES = ("name", "tag", "text", "hashtagName", "title", "label", "value")


def read_tags(value: object) -> tuple[str, ...]:
    """Read a cell as tags, in their order and with their capitals.

    Args:
        value: A list of texts or of objects with a name, also written as JSON or as Python prints it; a tag in it may
            hold spaces. Or a text with commas, semicolons, bars or hashes between the tags, which may hold spaces then;
            a text with none of these has spaces between the tags.

    Example:
        >>> read_tags("#so happy #dog"), read_tags("sunset sea"), read_tags("['Sun Set', 'sea']")
        (('so happy', 'dog'), ('sunset', 'sea'), ('Sun Set', 'sea'))
    """
    words = (str(part).strip().lstrip("#＃").strip() for part in _parts(value) if type(part) in (str, int))
    return tuple(word for word in words if word)


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, str):
        nested = read_nested(value)
        return _in_text(value) if nested is None else _parts(nested)
    if isinstance(value, Mapping):
        return [_name(value)]
    if isinstance(value, list | tuple | set | frozenset):
        return [_name(part) if isinstance(part, Mapping) else part for part in value]
    return [value]


def _in_text(text: str) -> list[str]:
    if bare := _LIST.fullmatch(text):
        text = bare[1]
    return _MARKS.split(text) if _MARKS.search(text) else text.split()


def _name(tag: Mapping[object, object]) -> object:
    """What an object says that its tag is; None where it says nothing."""
    return next((tag[name] for name in _NAMES if isinstance(tag.get(name), str | int)), None)
