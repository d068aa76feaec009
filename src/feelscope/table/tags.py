"""The one reader of tags: what tables write in `tags`, as a tuple of texts without #."""

import json
import re
from collections.abc import Sequence

_MARKS = re.compile(r"[,|#]")


def read_tags(value: object) -> tuple[str, ...]:
    """Read a cell as tags, in their order and with their capitals.

    Args:
        value: A list, also written as JSON; a tag in it may hold spaces. Or a text with commas, bars or hashes between
            the tags, which may hold spaces then; a text with none of these has spaces between the tags.

    Example:
        >>> read_tags("#so happy #dog"), read_tags("sunset sea"), read_tags(["Sun Set", "sea"])
        (('so happy', 'dog'), ('sunset', 'sea'), ('Sun Set', 'sea'))
    """
    if isinstance(value, str):
        parts = _parts(value)
    elif isinstance(value, list | tuple):
        parts = value
    else:
        parts = [value]
    words = (str(part).strip().lstrip("#").strip() for part in parts if type(part) in (str, int))
    return tuple(word for word in words if word)


def _parts(text: str) -> Sequence[object]:
    if text.lstrip().startswith("["):
        try:
            listed = json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            return listed if isinstance(listed, list) else ()
    return _MARKS.split(text) if _MARKS.search(text) else text.split()
