"""The files of an export of Telegram Desktop, and the messages in them, each with the chat that it is of.

 result.json      one chat, or an account's: {"chats": {"list": [...]}, "left_chats": {"list": [...]}}
 messages.html    a chat's first page; messages2.html, messages3.html ... are the next

A JSON may be larger than memory: chats and their lists of messages are entered, and one message at a time is held.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from feelscope.collect.rows import is_folder
from feelscope.collect.telegram_html import read_pages_of_html
from feelscope.errors import CollectError
from feelscope.table import BadRow
from feelscope.text.json_stream import JsonStream, OddValue, Torn

JSON, HTML = "result.json", "messages.html"
_PAGE = re.compile(r"messages([0-9]{0,9})\.html")
_ACCOUNT = ("chats", "left_chats")
EXPECTED = f"expected an export of Telegram Desktop: its folder, {JSON} or {HTML}"


@dataclass(frozen=True, slots=True)
class Chat:
    """What a message is in.

    Args:
        id: Telegram's number of it; empty in HTML, which has none.
        kind: As `public_channel`, `private_group` or `personal_chat`; empty in HTML.
        name: Its title; of a personal chat, who is at the other end.
    """

    id: str = ""
    kind: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the JSON of an export has it, with the chat that it is of."""

    chat: Chat
    raw: Any


def exports_in(path: Path) -> list[Path]:
    """The exports that a path names: each a `result.json`, or the first page of a chat in HTML.

    Raises:
        CollectError: There is none.
    """
    if not is_folder(path):
        if _PAGE.fullmatch(path.name):
            return [path.with_name(HTML) if path.with_name(HTML).is_file() else path]
        if path.suffix.lower() in (".html", ".htm"):
            raise CollectError(f"{path}: not a page of messages; {EXPECTED}")
        return [path]
    try:
        # The last of these of a whole account in HTML.
        patterns = (JSON, HTML, f"chats/*/{HTML}")
        found = [sorted(file for file in path.glob(pattern) if file.is_file()) for pattern in patterns]
    except OSError as error:
        raise CollectError(f"{path}: cannot be read ({error.strerror or error})") from error
    chats = next(filter(None, found), None)
    if chats is None:
        raise CollectError(f"{path}: no {JSON} and no {HTML} in it; {EXPECTED}")
    return chats


def messages_of(path: Path) -> Iterator[Message | BadRow]:
    """The messages of an export in their order, service messages as well.

    Raises:
        CollectError: It is none, cannot be read, or ends in the middle.
    """
    try:
        if _PAGE.fullmatch(path.name):
            for name, raw in read_pages_of_html(files_of(path)):
                yield raw if isinstance(raw, BadRow) else Message(Chat(name=name), raw)
        else:
            yield from _of_json(path)
    except OSError as error:
        raise CollectError(f"{path}: cannot be read ({error.strerror or error})") from error


def files_of(export: Path) -> list[Path]:
    """The files of an export; of HTML the pages by their numbers."""
    if not _PAGE.fullmatch(export.name):
        return [export]
    files = [file for file in export.parent.iterdir() if _PAGE.fullmatch(file.name) and file.is_file()]
    return sorted(files, key=lambda file: int(file.stem.removeprefix("messages") or 1))


def _of_json(path: Path) -> Iterator[Message | BadRow]:
    found = lists = 0
    with path.open(encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        stream = JsonStream(file)
        if not stream.first():
            raise CollectError(f"{path}: the file is empty; {EXPECTED}")
        try:
            for message in _of_account(stream):
                lists += message is None
                if message is not None:
                    found += 1
                    yield message
        except Torn as torn:
            if not lists:
                raise CollectError(f"{path}: not JSON, or of something else ({torn}); {EXPECTED}") from torn
            what = f"torn, or not JSON, after message {found:,} ({torn})"
            raise CollectError(f"{path}: {what}; wait until Telegram has written it, or export it again") from torn
    if not lists:
        raise CollectError(f"{path}: no list of messages in it; {EXPECTED}")


Found = Iterator[Message | BadRow | None]  # None for each list of messages, which may be empty


def _of_account(stream: JsonStream) -> Found:
    """The messages of all chats of an account, or of the one chat that the file is."""
    chat = Chat()
    for name in stream.members():
        if name in _ACCOUNT and stream.first() == "{":
            for inner in stream.members():
                if inner == "list" and stream.first() == "[":
                    yield from _of_chats(stream)
                else:
                    _value(stream)
        elif name == "messages" and stream.first() == "[":
            yield from _of_list(stream, chat)
        else:
            chat = _known(chat, name, _value(stream))


def _of_chats(stream: JsonStream) -> Found:
    for _ in stream.elements():
        if stream.first() != "{":
            yield BadRow("not a chat", repr(_value(stream))[:100])
            continue
        chat = Chat()
        for name in stream.members():
            if name == "messages" and stream.first() == "[":
                yield from _of_list(stream, chat)
            else:
                chat = _known(chat, name, _value(stream))


def _of_list(stream: JsonStream, chat: Chat) -> Found:
    yield None
    for _ in stream.elements():
        try:
            yield Message(chat, stream.value())
        except OddValue as error:
            yield BadRow("a message that is no JSON", str(error))


def _known(chat: Chat, name: str, value: object) -> Chat:
    """A chat with one more thing that is known of it."""
    if name == "id" and isinstance(value, str | int) and not isinstance(value, bool):
        return replace(chat, id=str(value))
    if name == "type" and isinstance(value, str):
        return replace(chat, kind=value)
    if name == "name" and isinstance(value, str):
        return replace(chat, name=value)
    return chat


def _value(stream: JsonStream) -> object:
    """What is beside messages; None where it cannot be read."""
    try:
        return stream.value()
    except OddValue:
        return None
