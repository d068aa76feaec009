"""Telegram: the messages of chats as its desktop program exports them, as JSON or HTML, with their pictures.

Nobody is asked: an export has what its owner can read, and needs no key. Names of people are not kept: authors, and who
is at the other end of a personal chat, are hashes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from feelscope.collect.entry import Entry, Opened, Opening
from feelscope.collect.files import read_picture
from feelscope.collect.job import Job
from feelscope.collect.kept import NOTHING_OWN
from feelscope.collect.plan import Plan, of_files
from feelscope.collect.read_before import ReadBefore
from feelscope.collect.rows import identity, listed, place, read_pages, seconds, whole
from feelscope.collect.telegram_export import Chat, Message, exports_in, files_of, messages_of
from feelscope.errors import CollectError, PictureError
from feelscope.post import is_blank
from feelscope.store import CollectedPost, Page, Store
from feelscope.table import BadRow, Quarantine
from feelscope.table.picture_paths import PicturePaths
from feelscope.table.times import iso, read_time, unix_seconds
from feelscope.text.counts import counted

A_PAGE = 500  # messages
_GROUPS = {"private_group", "private_supergroup", "public_supergroup", "private_channel", "public_channel"}
_LINKED = _GROUPS - {"private_group"}  # whose messages have an address, for those who may read them
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".heic", ".avif")
_MOST_REACTIONS = 100  # kinds, of one message
SERVICE = "that Telegram wrote itself, as of who joined"
# What is counted of those that are kept, in a cursor and in words.
_COUNTED = {
    "not_exported": ("picture", " not in the export; choose photos when you export, to have them"),
    "unread": ("picture", " that cannot be read, left out"),
    "unzoned": ("time", " without a zone, read as UTC; newer versions of Telegram write it"),
}


class Telegram:
    """The messages of exports.

    Args:
        paths: Folders of exports, `result.json` or `messages.html`.
        store: Where the posts will be saved, whose salt makes hashes of names.
        quarantine: Where messages go that cannot be read; None only counts them.
    """

    name, at_once = "telegram", 1000

    def __init__(self, paths: Sequence[Path], store: Store, quarantine: Quarantine | None = None) -> None:
        self._store, self.quarantine = store, Quarantine() if quarantine is None else quarantine
        self.queries = {str(file.resolve()): file for path in paths for file in exports_in(path)}

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        file = self.queries[query]
        state = place(cursor, {"row": 0, "read": "", "counts": {}})
        counts = _counts(state["counts"])
        before = ReadBefore(file, state["row"], state["read"])
        reader, found = _Reader(file, query, self._store, counts), 0
        rows = before.checked(enumerate(messages_of(file), 1))
        for page in read_pages(rows, reader.post, self.quarantine, str(file), "row", state["row"], A_PAGE):
            found += len(page.posts)
            if page.done and not state["row"] and not found:
                raise CollectError(f"{file}: no message with words or a picture in it")
            told = [name for name in _COUNTED if page.done and counts[name]]
            notes = [f"{counted(counts[name], _COUNTED[name][0])}{_COUNTED[name][1]}" for name in told]
            after = {**page.cursor, "read": before.hexdigest(), "counts": dict(counts)}
            yield replace(page, cursor=after, notes=tuple(notes), left_out=dict(reader.left_out))
            reader.left_out.clear()

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """All of them: an export takes nothing back."""
        return {post.id for post in posts}


def _counts(known: Mapping[object, object]) -> Counter[str]:
    """The counts of a cursor."""
    return Counter({name: n for name in _COUNTED if isinstance(n := known.get(name), int) and 0 <= n < 2**63})


class _Reader:
    """Makes posts of an export's messages, and counts what is not one.

    Args:
        counts: What is told of those that are kept, counted further.
    """

    def __init__(self, file: Path, query: str, store: Store, counts: Counter[str]) -> None:
        self._query, self._store, self._counts = query, store, counts
        self.left_out: Counter[str] = Counter()
        self._pictures = PicturePaths(file.parent)

    def post(self, message: Message | BadRow) -> CollectedPost | None:
        """A message as a post; None where it is a service message, or has neither words nor a picture."""
        if isinstance(message, BadRow):
            raise message
        raw, chat = message.raw, message.chat
        if not isinstance(raw, Mapping):
            raise BadRow("not a message", repr(raw)[:100])
        if raw.get("type") == "service":
            self.left_out[SERVICE] += 1
            return None
        if raw.get("type", "message") != "message":
            raise BadRow("a message of a kind that is not known", repr(raw.get("type"))[:100])
        place, number = self._place_of(chat), identity(raw.get("id"))
        id = f"{place}:{number}"
        try:
            return self._read(raw, chat, place, id)
        except BadRow as bad:
            bad.id = bad.id or id
            raise

    def _read(self, raw: Mapping[str, Any], chat: Chat, place: str, id: str) -> CollectedPost | None:
        text, tags = words_of(raw.get("text") or raw.get("text_entities"))
        poll = raw.get("poll")
        if is_blank(text) and isinstance(poll, Mapping):
            text = words_of(poll.get("question"))[0]
        image = self._picture(raw)
        if image is None and is_blank(text):
            self.left_out[NOTHING_OWN] += 1
            return None
        created_at = self._time(raw)
        if not chat.id:
            self._check_is_same(id, created_at)
        reactions = _reactions(raw.get("reactions"))
        replied = raw.get("reply_to_message_id")
        more = {
            "chat": chat.name if chat.kind in _GROUPS else "",
            "chat_type": chat.kind,
            "repost": _is_forwarded(raw),
            "reply": type(replied) is int,
            "reply_to": f"{place}:{replied}" if type(replied) is int and "reply_to_peer_id" not in raw else "",
            "edited_at": _edited(raw),
            "media": raw["media_type"] if isinstance(raw.get("media_type"), str) else "photo" * bool(raw.get("photo")),
            "sticker_emoji": raw.get("sticker_emoji") if isinstance(raw.get("sticker_emoji"), str) else "",
            "poll": _poll(poll),
            "reactions": reactions,
        }
        return CollectedPost(
            source="telegram",
            id=id,
            created_at=created_at,
            author=_author(raw),
            text=text,
            tags=tags or tuple(tag for tag in listed(raw.get("hashtags")) if isinstance(tag, str)),
            url=_address(chat, raw),
            image=image,
            votes=sum(reactions.values()) if reactions else None,
            other={name: value for name, value in more.items() if value not in (None, "", {})},
        )

    def _place_of(self, chat: Chat) -> str:
        """What tells chats apart: the number of a group or a channel; of others a hash, as they name a person."""
        if chat.id:
            return chat.id if chat.kind in _GROUPS else self._store.hashed(f"chat {chat.id}")
        if not chat.name:
            raise BadRow("no id of its chat")
        return self._store.hashed(f"chat named {chat.name}")

    def _check_is_same(self, id: str, created_at: int | None) -> None:
        """HTML tells chats apart by their names alone; that of two of one name the second takes no place is seen here.

        Raises:
            BadRow: Another file has a message of another time under this id.
        """
        statement = "SELECT created_at, query FROM posts WHERE key = ? AND query != ?"
        for when, query in self._store.rows(statement, f"telegram:{id}", self._query):
            if when != created_at:
                raise BadRow("another chat of this name has another message of this id, which stays", query, id)

    def _time(self, raw: Mapping[str, Any]) -> int | None:
        if raw.get("date_unixtime"):
            return seconds(raw["date_unixtime"])
        written = raw.get("date")
        when = read_time(written)
        if when is None:
            raise BadRow("its time is none", repr(written)[:100])
        self._counts["unzoned"] += isinstance(written, str) and len(written) == len("2021-01-01T12:00:00")
        return unix_seconds(when)

    def _picture(self, raw: Mapping[str, Any]) -> bytes | None:
        """The first picture of a message that is there: a photo, a picture as a file, a sticker, a film's preview."""
        unread = False
        for name in ("photo", "file", "thumbnail"):
            path = raw.get(name)
            if not isinstance(path, str) or not path:
                continue
            if path.startswith("("):  # (File not included. Change data exporting settings to download.)
                self._counts["not_exported"] += name == "photo"
            elif path.lower().endswith(_PICTURES):
                try:
                    return read_picture(self._pictures.find(path))
                except (BadRow, PictureError):  # outside of the export, or missing
                    unread = True
        self._counts["unread"] += unread
        return None


def words_of(value: object) -> tuple[str, tuple[str, ...]]:
    """The text of a message and its hashtags; it is a text, or a list of texts and of entities with a text.

    Example:
        >>> words_of(["so ", {"type": "bold", "text": "happy"}, " ", {"type": "hashtag", "text": "#spring"}])
        ('so happy #spring', ('spring',))

    Raises:
        BadRow: It is something else.
    """
    if value is None:
        return "", ()
    parts: list[str] = []
    tags: list[str] = []
    for part in value if isinstance(value, list) else [value]:
        said = part.get("text") if isinstance(part, Mapping) else part
        if not isinstance(said, str):
            raise BadRow("its text is no text", repr(part)[:100])
        parts.append(said)
        if isinstance(part, Mapping) and part.get("type") == "hashtag":
            tags.append(said.lstrip("#"))
    return "".join(parts), tuple(tag for tag in tags if tag)


def _is_forwarded(raw: Mapping[str, Any]) -> bool:
    return "forwarded_from" in raw or "forwarded_from_id" in raw


def _author(raw: Mapping[str, Any]) -> str:
    """Who wrote it: Telegram's id of an account or a channel, else its name; and who signed, in a channel.

    Of what was forwarded, who wrote it first.
    """
    names = ("forwarded_from_id", "forwarded_from") if _is_forwarded(raw) else ("from_id", "from")
    found = (raw.get(name) for name in names)
    author = next((str(name) for name in found if isinstance(name, str | int) and name), "")
    if _is_forwarded(raw):
        return author
    signed = raw.get("author")
    return f"{author} {signed}" if isinstance(signed, str) and signed else author


def _address(chat: Chat, raw: Mapping[str, Any]) -> str:
    """Where those who may read the chat find the message."""
    is_linked = chat.kind in _LINKED and chat.id.isascii() and chat.id.isdigit() and type(raw.get("id")) is int
    return f"https://t.me/c/{chat.id}/{raw['id']}" if is_linked else ""


def _edited(raw: Mapping[str, Any]) -> str:
    try:
        when = seconds(raw.get("edited_unixtime"))
    except BadRow:
        return ""
    when = unix_seconds(read_time(raw.get("edited"))) if when is None else when
    return "" if when is None else iso(when)


def _reactions(value: object) -> dict[str, int]:
    """How many reacted with what; those of an emoji that is a picture are together."""
    found: Counter[str] = Counter()
    for one in listed(value)[:_MOST_REACTIONS]:
        if isinstance(one, Mapping):
            emoji = one.get("emoji")
            try:
                found[emoji if isinstance(emoji, str) and emoji else "other"] += whole("count", one.get("count")) or 0
            except BadRow:
                continue
    return {emoji: count for emoji, count in found.items() if 0 < count < 2**63 // _MOST_REACTIONS}


def _poll(value: object) -> dict[str, object]:
    """A poll's question and answers, each with how many chose it where that is known."""
    if not isinstance(value, Mapping):
        return {}
    try:
        answers = [
            {"text": words_of(one.get("text"))[0], "voters": whole("voters", one.get("voters"))}
            for one in listed(value.get("answers"))
            if isinstance(one, Mapping)
        ]
        question, voters = words_of(value.get("question"))[0], whole("voters", value.get("total_voters"))
    except BadRow:
        return {}
    return {"question": question, "answers": answers, "voters": voters}


def _open(opening: Opening) -> Opened:
    return Telegram(opening.job.paths, opening.store, opening.quarantine), None


def _plan(job: Job, made: int) -> Plan:
    return of_files([file for path in job.paths for export in exports_in(path) for file in files_of(export)])


ENTRY = Entry("telegram", _open, _plan, arguments="EXPORT...", terms="https://telegram.org/tos")
