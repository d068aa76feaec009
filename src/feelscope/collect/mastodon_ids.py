"""The ids of a server's posts, by which its answers are paged.

Mastodon's begin with the time of the post, in thousandths of a second; those of other programs may be letters and
digits, which sort by age as texts of one length do.
"""

import re
from collections.abc import Sequence
from email.message import Message
from statistics import mode

from feelscope.table.layouts.record import dig
from feelscope.table.times import read_time, unix_seconds

_NEXT = re.compile(r'[?&]max_id=([0-9A-Za-z]+)[^<>]*>\s*;[^,]*\brel="?next\b', re.IGNORECASE)
_BITS = 16  # of a Mastodon's id, behind the time


def next_below(statuses: Sequence[object], headers: Message, max_id: str) -> str:
    """Below which post to ask next: as the header `Link` says, else the oldest of an answer; the same for none.

    A server may leave posts out after it has counted them, so its own word goes first where it leads further down.
    """
    link = _NEXT.search(",".join(headers.get_all("Link") or []))
    found = [dig(status, "id") for status in statuses]
    ids = [id for id in (str(id) for id in found if isinstance(id, str | int)) if id.isalnum()]
    usual = mode(map(len, ids)) if ids else 0  # an id of another length may be none of the server's
    oldest = min((id for id in ids if len(id) == usual), default="")
    for id in (link[1] if link else "", oldest):
        if id and (not max_id or order_of(id) < order_of(max_id)):
            return id
    return max_id


def order_of(id: str) -> tuple[int, str]:
    """What sorts ids by age: numbers of Mastodon, letters and digits of Pleroma."""
    return len(id), id


def ids_are_times(statuses: Sequence[object]) -> bool:
    """Whether ids begin with the thousandth of a second of their posts, as Mastodon's do and others' do not."""
    pairs = [(str(dig(status, "id")), moment_of(status)) for status in statuses]
    return bool(pairs) and all(
        len(id) < 20 and id.isdecimal() and when is not None and abs((int(id) >> _BITS) / 1000 - when) < 86_400
        for id, when in pairs
    )


def id_at(seconds: int) -> str:
    """The id above all those of posts before a moment, where ids are times."""
    return str(seconds * 1000 << _BITS)


def moment_of(status: object) -> int | None:
    """When a post was written, in Unix seconds."""
    value = dig(status, "created_at")
    return unix_seconds(read_time(value)) if isinstance(value, str) else None
