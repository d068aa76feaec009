"""What people name on YouTube: a video, a channel, or words to search for; by ids, addresses and handles."""

import re
import urllib.parse

from feelscope.errors import CollectError

VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
HANDLE = re.compile(r"@[^\s/?#]{3,100}")


def read_asked(text: str) -> tuple[str, str]:
    """What an argument names: `video`, `channel` or `search`, and its id, its @handle or its words.

    Example:
        >>> read_asked("https://youtu.be/dQw4w9WgXcQ"), read_asked("@NASA"), read_asked("happy dogs")
        (('video', 'dQw4w9WgXcQ'), ('channel', '@NASA'), ('search', 'happy dogs'))

    Raises:
        CollectError: It names none of them.
    """
    text = text.strip()
    kind, _, value = text.partition(":")
    if kind in ("video", "channel", "search") and value.strip():
        value = value.strip()
    else:
        kind, value = _of_address(text)
    shape = {"video": VIDEO, "channel": re.compile(f"{CHANNEL.pattern}|{HANDLE.pattern}")}.get(kind)
    if not value or (shape is not None and not shape.fullmatch(value)):
        wanted = "the id or address of a video or a channel, an @handle, or words to search for"
        raise CollectError(f"youtube: {text[:100]!r} names nothing to collect; give {wanted}")
    return kind, value


def _of_address(text: str) -> tuple[str, str]:
    parts = urllib.parse.urlsplit(text if "://" in text else f"https://{text}") if "youtu" in text.lower() else None
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.") if parts else ""
    if parts and host == "youtu.be":
        return "video", parts.path.strip("/")
    if parts and host in ("youtube.com", "youtube-nocookie.com", "music.youtube.com"):
        first, *rest = parts.path.strip("/").split("/")
        if first in ("shorts", "embed", "live", "v") and rest:
            return "video", rest[0]
        if first == "channel" and rest:
            return "channel", rest[0]
        if first.startswith("@"):
            return "channel", urllib.parse.unquote(first)
        return "video", urllib.parse.parse_qs(parts.query).get("v", [""])[0]
    if CHANNEL.fullmatch(text) or HANDLE.fullmatch(text):
        return "channel", text
    # A word may have eleven letters, as an id has; of a word, all but the first are small.
    is_word = text.isalpha() and text[1:].islower()
    return ("video" if VIDEO.fullmatch(text) and not is_word else "search"), text
