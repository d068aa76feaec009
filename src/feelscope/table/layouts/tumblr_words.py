"""What of a Tumblr post its author wrote: words, a picture, and what the picture shows.

    an asker's question, a quoted post, the trail of a reblog     somebody else's
    a comment, a chat, a quote, the caption of a photo or video   the author's

Source: Tumblr API v2, Neue Post Format (NPF) and the legacy types of posts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feelscope.table.layouts.record import text_of
from feelscope.text.html import is_address, read_html, tidy
from feelscope.text.own_words import unescape

_LEGACY = ("caption", "body", "text", "answer", "description")  # where a legacy post has its author's words; HTML


@dataclass(frozen=True, slots=True)
class Read:
    """What was read; empty where there is nothing.

    Args:
        image: The address of the first picture.
        alt_text: What it shows, as its author described it.
        as_it_was: The HTML that the text was in.
    """

    text: str
    image: str = ""
    title: str = ""
    alt_text: str = ""
    as_it_was: str = ""


def of_blocks(raw: Mapping[str, Any]) -> Read:
    """A post in NPF. A reblog without words of its own shows the last post of its trail that has something."""
    own = _read(raw)
    if own.text or own.image:
        return own
    trail = (_read(entry) for entry in reversed(dicts(raw.get("trail"))))
    return next((entry for entry in trail if entry.text or entry.image), own)


def of_legacy(raw: Mapping[str, Any]) -> Read:
    """A post of the older types; a reblog without words of its own shows what it quotes."""
    title = tidy(unescape(text_of("title", raw.get("title")))) if raw.get("type") != "link" else ""
    html = next((said for name in _LEGACY if (said := text_of(name, raw.get(name))).strip()), "")
    text, pictures = read_html(html, quotes=False)
    if not text and not title and not pictures:
        text, pictures = read_html(html)
    lines = [f"{text_of('name', line.get('label'))} {text_of('phrase', line.get('phrase'))}" for line in _dialogue(raw)]
    text = text or tidy("\n".join(lines))
    image = first_address([photo.get("original_size") for photo in dicts(raw.get("photos"))[:1]])
    image = image or next(iter(pictures), "")
    return Read(text, image, title, as_it_was=html if html and html != text else "")


def _dialogue(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of a chat, each with who speaks."""
    return dicts(raw.get("dialogue"))


def _read(post: Mapping[str, Any]) -> Read:
    """The words and the first picture of NPF blocks, without those that somebody else asked."""
    asked = {number for part in dicts(post.get("layout")) if part.get("type") == "ask" for number in _numbers(part)}
    said: list[str] = []
    image = alt_text = ""
    content = post.get("content")
    for number, block in enumerate(content if isinstance(content, list) else []):
        if not isinstance(block, dict) or number in asked:
            continue
        if block.get("type") == "text":
            said.append(text_of("text", block.get("text")))
        elif block.get("type") == "poll":
            said.append(text_of("question", block.get("question")))
        elif block.get("type") in ("image", "video", "audio"):
            said.append(text_of("caption", block.get("caption")))
        if block.get("type") == "image" and not image:
            media = block.get("media")
            image = first_address(media if isinstance(media, list) else [media])
            alt_text = text_of("alt_text", block.get("alt_text")) if image else ""
    return Read(tidy("\n".join(said)), image, alt_text=alt_text)


def _numbers(part: Mapping[str, Any]) -> list[int]:
    blocks = part.get("blocks")
    return [number for number in blocks if type(number) is int] if isinstance(blocks, list) else []


def first_address(media: object) -> str:
    """The web address of the first that has one."""
    return next((str(entry["url"]) for entry in dicts(media) if is_address(entry.get("url"))), "")


def dicts(values: object) -> list[dict[str, Any]]:
    """The objects in a JSON list; none where it is no list."""
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
