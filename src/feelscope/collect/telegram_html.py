"""The HTML of an export of Telegram Desktop: each message as the JSON of an export would have it.

 <div class="message default clearfix" id="message12">   also `service`; `joined` where its author is the one before
   <div class="pull_right date details" title="01.01.2021 12:00:00 UTC+01:00">
   <div class="from_name">  <div class="text">  <a class="photo_wrap" href="photos/1.jpg">  <div class="media_poll">

A page is cut into its messages before anything is read, so that an odd one costs itself.
"""

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from feelscope.errors import CollectError, one_line
from feelscope.table import BadRow
from feelscope.text.html import read_html
from feelscope.text.json_lines import LONGEST

_BLOCK = 2**20  # characters
DEEPEST = 50  # elements around another
_START = '<div class="message '
_END = re.compile(r"</html>\s*\Z")
_TITLE = re.compile(r'<div class="text bold">(.*?)</div>', re.DOTALL)
_VOID = {"br", "img", "hr", "meta", "link", "input", "wbr"}
_NUMBER = re.compile(r"message(-?\d{1,18})")
_REPLY = re.compile(r"go_to_message(-?\d{1,18})")
_HASHTAG = re.compile(r"ShowHashtag\((?:&quot;|\"|&#34;)(.{1,200}?)(?:&quot;|\"|&#34;)\)")
_TIME = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)(?: UTC([+-]\d\d:\d\d))?")
_FORWARDED = re.compile(r"\s+\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d.*\Z")  # behind the name
_VIA = re.compile(r"\s+via @\w+\s*\Z")
# A link around what was posted: the name in JSON of its file, and what kind of medium it is.
_WRAPS = {
    "photo_wrap": "photo",
    "sticker_wrap": "sticker",
    "animated_wrap": "animation",
    "video_file_wrap": "video_file",
}
# In the place of a file that was not exported.
_MEDIA = {
    "media_photo": "photo",
    "media_video": "video_file",
    "media_voice_message": "voice_message",
    "media_audio_file": "audio_file",
}


def read_pages_of_html(pages: Sequence[Path]) -> Iterator[tuple[str, dict[str, Any] | BadRow]]:
    """The messages of a chat's pages in their order, each with the chat's name.

    Raises:
        OSError: A page cannot be read.
        CollectError: A page is none of Telegram's, or ends in the middle.
    """
    author = ""
    for page in pages:
        parts = _parts(page)
        name = _name(next(parts, ""), page)
        found, last = 0, ""
        for last in parts:
            found += 1
            raw = _fenced(last)
            if isinstance(raw, dict) and raw["type"] == "message":
                author = raw.setdefault("from", author)
            yield name, raw
        if found and not _END.search(last):
            what = f"ends in the middle, after its message {found:,}"
            raise CollectError(f"{page}: {what}; wait until Telegram has written it, or export it again")


def _fenced(html: str) -> dict[str, Any] | BadRow:
    try:
        return read_message(html)
    except BadRow as bad:
        return bad
    except (AssertionError, LookupError, RecursionError, ValueError) as error:  # of the library's parser
        return BadRow("not a message as Telegram writes it", one_line(error))


def _parts(page: Path) -> Iterator[str]:
    """What comes before the first message, and each message; of a longer one its beginning."""
    with page.open(encoding="utf-8", errors="replace", newline="") as file:
        text = ""
        while block := file.read(_BLOCK):
            text = text[: LONGEST + 1] + block
            while (end := text.find(_START, 1)) >= 0:
                yield text[:end]
                text = text[end:]
        yield text


def _name(header: str, page: Path) -> str:
    """The name of a page's chat, of what is above its messages."""
    if not header.strip():
        raise CollectError(f"{page}: the file is empty; expected a page of messages of Telegram Desktop")
    title = _TITLE.search(header)
    if title is None or "page_wrap" not in header:
        raise CollectError(f"{page}: not a page of messages of Telegram Desktop")
    return read_html(title[1])[0]


class _Reader(HTMLParser):
    """What is in the elements of one message, by their class."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: dict[str, Any] = {"type": "message"}
        self.answers: list[str] = []
        self.reactions: list[list[str]] = []  # an emoji and how many
        self._open: list[tuple[str, str, list[str] | None]] = []  # elements: tag, what is kept of it, its HTML

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._keep(self.get_starttag_text() or "")
        given = {name: value or "" for name, value in attrs}
        classes = set(given.get("class", "").split())
        kind = self._kind(tag, classes, given)
        if tag not in _VOID:
            self._open.append((tag, kind, [] if kind else None))
        if len(self._open) > DEEPEST:
            raise BadRow("a message that is nested too deep")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, (name, *_) in enumerate(self._open) if name == tag]
        if not places:
            return
        while len(self._open) > places[-1]:
            _, kind, kept = self._open.pop()
            if kept is not None:
                self._close(kind, "".join(kept))
        self._keep(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._keep(data)

    def handle_entityref(self, name: str) -> None:
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._keep(f"&#{name};")

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        return self.parse_bogus_comment(i)  # the library's own fails at a word that it does not know

    def close(self) -> None:
        super().close()
        while self._open:
            self.handle_endtag(self._open[-1][0])

    def _keep(self, html: str) -> None:
        for _, _, kept in self._open:
            if kept is not None:
                kept.append(html)

    def _is_in(self, kind: str) -> bool:
        return any(name == kind for _, name, _ in self._open)

    def _kind(self, tag: str, classes: set[str], given: dict[str, str]) -> str:
        """Note what an element says by itself; gives what its content is, or nothing."""
        found = self.found
        if "message" in classes and (number := _NUMBER.fullmatch(given.get("id", ""))):
            found["id"] = int(number[1])
            found["type"] = "service" if "service" in classes else "message"
        if {"date", "details"} <= classes and "title" in given and not self._is_in("forwarded"):
            found.setdefault("time", given["title"])
        for name in classes & _WRAPS.keys():
            self._media(_WRAPS[name], given.get("href", ""))
        for name in classes & _MEDIA.keys():
            self._media(_MEDIA[name], "")
        if tag == "img" and "media_type" in found and given.get("src"):
            found.setdefault("thumbnail", given["src"])
        if tag == "a" and self._is_in("reply") and (reply := _REPLY.search(given.get("href", ""))):
            found["reply_to_message_id"] = int(reply[1])
        if tag == "span" and "reaction" in classes:
            self.reactions.append(["", "1"])
        if self._is_in("reaction"):
            return {"emoji": "emoji", "count": "count"}.get(" ".join(classes), "")
        names = ("forwarded", "from_name", "question", "answer", "description", "signature", "text", "reaction")
        kind = next((name for name in names if name in classes), "reply" if "reply_to" in classes else "")
        return "" if kind == "text" and "bold" in classes else kind

    def _media(self, kind: str, file: str) -> None:
        if kind == "photo":
            self.found.setdefault("photo", file)
        else:
            self.found.setdefault("file", file)
            self.found.setdefault("media_type", kind)

    def _close(self, kind: str, html: str) -> None:
        """An element has ended."""
        found, words = self.found, read_html(html)[0]
        match kind:
            case "from_name":
                name = _FORWARDED.sub("", _VIA.sub("", words))
                found.setdefault("forwarded_from" if self._is_in("forwarded") else "from", name)
            case "forwarded":
                found.setdefault("forwarded_from", "")
            case "text":
                found["text"] = f"{found.get('text', '')}\n{words}".strip()
                found["hashtags"] = [tag.lstrip("#") for tag in _HASHTAG.findall(html)]
            case "question":
                found["poll"] = words
            case "answer":
                self.answers.append(words.removeprefix("- "))
            case "signature":
                found["author"] = words
            case "description":
                if "ot included" in words:
                    found["file" if "media_type" in found else "photo"] = f"({words})"
            case "emoji" | "count" if self.reactions:
                self.reactions[-1][kind == "count"] = words


def read_message(html: str) -> dict[str, Any]:
    """A message as JSON has it.

    Raises:
        BadRow: It is too long or nested too deep.
    """
    if len(html) > LONGEST:
        raise BadRow(f"a message of over {LONGEST} characters")
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.found
    if "poll" in found:
        found["poll"] = {"question": found["poll"], "answers": [{"text": answer} for answer in reader.answers]}
    if reader.reactions:
        found["reactions"] = [{"emoji": emoji, "count": count} for emoji, count in reader.reactions]
    if time := _TIME.fullmatch(found.pop("time", "").strip()):
        day, month, year, clock, zone = time.groups()
        found["date"] = f"{year}-{month}-{day}T{clock}{zone or ''}"
    return found
