"""Bluesky: posts that a search finds, posts of an account, or posts of a custom feed.

Source: the lexicons app.bsky.feed.searchPosts, getAuthorFeed, getFeed, getPosts, and com.atproto.label.defs.
An account and a feed are read by the cursors of the API. A search is a walk back in time: its cursors end early, and
are for those who are logged in.
"""

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from feelscope.collect.api import Api, Parameters, Refused
from feelscope.collect.bluesky_login import Login
from feelscope.collect.entry import Entry, Opened, Opening
from feelscope.collect.job import Job
from feelscope.collect.kept import NOTHING_OWN, OTHER_TIME, NotKept, asks_not, is_refused, read_kept
from feelscope.collect.plan import Plan, of_calls
from feelscope.collect.quota import Quota
from feelscope.collect.rows import of_row, place
from feelscope.collect.walk_back import next_place
from feelscope.errors import CollectError
from feelscope.store import CollectedPost, Page
from feelscope.table import BadRow, Quarantine
from feelscope.table.layouts import bluesky
from feelscope.table.layouts.record import dig, first, records
from feelscope.table.times import iso, read_time, unix_seconds

PUBLIC, ACCOUNTS = "https://public.api.bsky.app", "https://bsky.social"
HANDLE, PASSWORD = "BLUESKY_HANDLE", "BLUESKY_APP_PASSWORD"
QUOTAS = (Quota(3000, 300),)  # "Rate Limits": where accounts are, by address; the public host names no number
TERMS = "https://bsky.social/about/support/tos"
ANYONE = "anyone"  # whose calls are counted where nobody is logged in
A_PAGE = 100  # posts, the most that an answer has
MAX_GAP = 7 * 86_400  # seconds
MOST_EMPTY = 20  # answers without a post, each with another place to continue at
OPTED_OUT = "!no-unauthenticated"  # "do not show my posts to people who are not logged in"
HIDDEN = ("!hide", "!takedown", "!suspend")  # of moderators
_POST = "/app.bsky.feed.post/"
_URI = re.compile(rf"at://did:[a-z]+:[\w.:%-]+{_POST}[\w.~:-]+", re.ASCII)
_NAME = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|did:[a-z]+:[\w.:%-]+"
_ACCOUNT = re.compile(rf"(?:https://bsky\.app/profile/|@)?({_NAME})/?")
_FEED = re.compile(
    rf"(?:https://bsky\.app/profile/({_NAME})/feed/|at://({_NAME})/app\.bsky\.feed\.generator/)([\w.~-]+)/?"
)


class Asks(Protocol):
    """The API, as anybody or as an account."""

    def get(self, path: str, parameters: Parameters) -> Any:
        """Ask, and give the value of the answer."""


class Bluesky:
    """Posts of searches, accounts and custom feeds.

    Args:
        anyone: The API as anybody may ask it; posts are looked for again there.
        login: The API as an account asks it; None asks as anybody.
        what: A handle or DID, with or without @, is an account; an address of a feed a feed; all else is searched for.
        before, after: Unix seconds; None for no bound.
        max_gap: Seconds without a post beyond which a search's answer is not believed at once.
        quarantine: Where posts go that cannot be read; None only counts them.
    """

    name, at_once = "bluesky", 25

    def __init__(
        self,
        anyone: Api,
        login: Login | None = None,
        what: Sequence[str] = (),
        before: int | None = None,
        after: int | None = None,
        max_gap: int = MAX_GAP,
        quarantine: Quarantine | None = None,
    ) -> None:
        self.anyone, self.is_in, self.max_gap = anyone, login is not None, max_gap
        self.api: Asks = anyone if login is None else login
        self.quarantine = Quarantine() if quarantine is None else quarantine
        self.before, self.after = before, after
        window = f"{f' before {iso(before)}' if before else ''}{f' after {iso(after)}' if after else ''}"
        self.queries = {f"{one.strip()}{window}": one.strip() for one in what}
        for one in self.queries.values():
            if not one.strip("#@ "):
                raise CollectError("bluesky: nothing to search for; write it as in: collect posts.db bluesky '#happy'")
            if one.startswith("@") and not _ACCOUNT.fullmatch(one):
                raise CollectError(f"bluesky: {one[:80]!a} is no whole handle, such as @name.bsky.social")

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        what = self.queries[query]
        if feed := _FEED.fullmatch(what):
            owner = self._did(feed[1] or feed[2])
            uri = f"at://{owner}/app.bsky.feed.generator/{feed[3]}"
            return self._listing(query, "getFeed", {"feed": uri}, cursor)
        if account := _ACCOUNT.fullmatch(what):
            return self._listing(query, "getAuthorFeed", {"actor": account[1]}, cursor)
        return self._search(query, what, cursor)

    def _listing(self, query: str, method: str, asked: Parameters, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        """The pages of an account or a feed, one cursor after the other."""
        state = place(cursor, {"cursor": "", "seen": 0, "empty": 0})
        while True:
            more = {"cursor": state["cursor"]} if state["cursor"] else {}
            items, after = parse(self.fetch(method, {**asked, **more}), "feed")
            empty = 0 if items else state["empty"] + 1
            # An answer without posts is an end where it comes twice, or where it names no other place too often.
            done = not after and bool(items or empty > 1)
            done |= bool(after and after == state["cursor"]) or empty > MOST_EMPTY
            if method == "getAuthorFeed" and self.after is not None and items:
                done |= all((_moment(item) or 0) < self.after for item in items)
            seen = state["seen"] + len(items)
            if done and not seen:
                raise CollectError(f"bluesky: {self.queries[query][:80]!a} has no posts that anybody may see")
            state = {"cursor": after or state["cursor"], "seen": seen, "empty": empty}
            posts, left_out = read_kept(items, self._in_time, self.quarantine, f"bluesky {query}")
            times = [when for when in map(_moment, items) if when is not None]
            yield Page(posts, state, done=done, left_out=left_out, times=times)
            if done:
                return

    def _search(self, query: str, words: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        """The pages of a search, back in time; without a login the first alone."""
        state = place(cursor, {"until": self.before or int(time.time()) + 86_400, "seen": 0, "empty": 0})
        while True:
            until = state["until"]
            window: dict[str, str] = {"until": iso(until)} if self.before or state["seen"] else {}
            window |= {"since": iso(self.after)} if self.after is not None else {}
            items, _ = parse(self.fetch("searchPosts", {"q": words, "sort": "latest", **window}), "posts")
            times = [when for when in map(_moment, items) if when is not None]
            seen, empty = state["seen"] + len(items), 0 if times else state["empty"] + 1
            notes: list[str] = []
            if times:
                until, stood = next_place(times, until, self.max_gap)
                if stood and len(items) >= A_PAGE:
                    notes.append(f"more than {A_PAGE} posts of one second ({iso(until)}), of which {A_PAGE} can be had")
            done = empty > 1 or (self.after is not None and until <= self.after)
            if not done and times and not self.is_in:
                done = True
                how = f"set {HANDLE} and {PASSWORD}, and ask again with --restart"
                notes.append(f"without a login a search is one page; for the rest {how}")
            if done and not seen:
                raise CollectError(f"bluesky: nothing is found for {words[:80]!a}; check its spelling")
            state = {"until": until, "seen": seen, "empty": empty}
            posts, left_out = read_kept(items, self._in_time, self.quarantine, f"bluesky {query}")
            yield Page(posts, state, tuple(notes), done, left_out=left_out, times=times)
            if done:
                return

    def fetch(self, method: str, asked: Parameters) -> object:
        """Ask for one page; gives the raw answer."""
        try:
            return self.api.get(f"/xrpc/app.bsky.feed.{method}", {**asked, "limit": A_PAGE})
        except Refused as error:
            if error.code in (400, 404):
                what = asked.get("actor") or asked.get("feed") or asked.get("q")
                raise CollectError(f"bluesky: there is no {str(what)[:80]!a} ({_message(error)})") from error
            raise

    def _did(self, name: str) -> str:
        """The stable name of an account."""
        if name.startswith("did:"):
            return name
        try:
            answer = self.anyone.get("/xrpc/com.atproto.identity.resolveHandle", {"handle": name})
        except Refused as error:
            raise CollectError(f"bluesky: there is no account {name[:80]!a} ({_message(error)})") from error
        did = dig(answer, "did")
        if not isinstance(did, str) or not did.startswith("did:"):
            raise CollectError(f"bluesky: expected the account of {name[:80]!a} and got {str(answer)[:80]!r}")
        return did

    def _in_time(self, item: object) -> CollectedPost:
        post = parse_post(item)
        when = post.created_at
        if when is not None and not (self.after or when) <= when < (self.before or when + 1):
            raise NotKept(OTHER_TIME)
        return post

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """The ids of those posts, at most 25, that can be seen and whose authors have not opted out since.

        A post of a file whose id is no address of Bluesky stays, as nobody can be asked about it.
        """
        there = {post.id for post in posts}
        missing = [id for id in there if _URI.fullmatch(id)]
        for _ in range(2):  # what is removed never comes back, so one answer is not enough
            if missing:
                seen = self._seen(missing)
                missing = [id for id in missing if id not in seen]
        return there - {*missing}

    def _seen(self, uris: list[str]) -> set[str]:
        answer = self.anyone.get("/xrpc/app.bsky.feed.getPosts", {"uris": uris})
        views, _ = parse(answer, "posts")
        return {str(dig(view, "uri")) for view in views if not is_refused(parse_post, view)}


def parse(answer: object, name: str) -> tuple[list[Any], str]:
    """The posts of an answer as they are, and the place after them, empty at the end.

    Raises:
        CollectError: It is no list of posts.
    """
    items, after = dig(answer, name), dig(answer, "cursor") or ""
    if not isinstance(items, list) or not isinstance(after, str):
        raise CollectError(f"bluesky: expected a list of posts and got {str(answer)[:80]!r}; try again later")
    return items, after


def parse_post(item: object) -> CollectedPost:
    """One post, of a search or of a feed; a repost is the post itself, by its own author, and is marked.

    Raises:
        BadRow: It is none.
        NotKept: Its author or a moderator does not want it to be kept, or there is nothing in it.
    """
    if not isinstance(item, Mapping):
        raise BadRow("not a post as its platform writes it", repr(item)[:100])
    view = item["post"] if isinstance(item.get("post"), Mapping) else item
    labels, of_author = _labels(view), _labels(view.get("author"))
    if OPTED_OUT in of_author:
        raise asks_not(OPTED_OUT)
    if {*labels, *of_author} & {*HIDDEN}:
        raise NotKept("that moderators have hidden")
    (row,) = bluesky.rows(view)
    if not str(row["text"]).strip() and not row.get("image"):
        raise NotKept(NOTHING_OWN)
    record, embed = view.get("record"), view.get("embed")
    images = [one.get("fullsize") for one in records(first(embed, "images", ("media", "images")))]
    quoted = first(embed, ("record", "uri"), ("record", "record", "uri"))
    langs = dig(record, "langs")
    return of_row(
        row,
        created_at=_moment(view),
        text=str(row["text"]),
        other={
            "lang": row.get("lang"),
            "langs": langs if isinstance(langs, list) and len(langs) > 1 else None,
            "alt_text": row.get("alt_text"),
            "images": images if len(images) > 1 else None,
            "labels": sorted(labels),
            "repost": "Repost" in str(dig(item, "reason", "$type")),
            "quote": isinstance(quoted, str) and _POST in quoted,
            "reply": isinstance(dig(record, "reply"), Mapping),
        },
    )


def _moment(item: object) -> int | None:
    """When something came to its place: a repost by when it was made, a post by its own time, but not in the future.

    The time of a post is its author's to write; what is later than when it was seen is not believed.
    """
    reposted = _seconds(dig(item, "reason", "indexedAt"))
    if reposted is not None:
        return reposted
    view = dig(item, "post") or item
    found = (_seconds(first(view, ("record", "createdAt"))), _seconds(dig(view, "indexedAt")))
    return min((when for when in found if when is not None), default=None)


def _seconds(value: object) -> int | None:
    return unix_seconds(read_time(value)) if isinstance(value, str) else None


def _message(error: Refused) -> str:
    """What a refusal says for people."""
    found = re.search(r'"message":\s*"([^"]*)', error.said)
    return found[1] if found else error.said


def _labels(holder: object) -> set[str]:
    """The labels of a post or an account that hold; a later one may take an earlier one back."""
    labels = records(dig(holder, "labels"))
    back = {str(label.get("val")) for label in labels if label.get("neg") is True}
    return {label["val"] for label in labels if isinstance(label.get("val"), str)} - back


def _open(opening: Opening) -> Opened:
    job, get = opening.job, os.environ.get
    handle, password = (get(name, "").strip() for name in (HANDLE, PASSWORD))
    if bool(handle) != bool(password):
        raise CollectError(f"bluesky: the environment has only one of {HANDLE} and {PASSWORD}; set both, or none")
    how = "see `feelscope docs collect`"
    anyone = Api(opening.address(PUBLIC), opening.meter(ANYONE), "", f"set {HANDLE} and {PASSWORD} to log in, {how}")
    if not handle:
        return Bluesky(anyone, None, job.what, job.before, job.after, job.max_gap, opening.quarantine), anyone.meter
    meter = opening.meter(handle)
    login = Login(Api(opening.address(ACCOUNTS), meter, "", f"check {HANDLE} and {PASSWORD}, {how}"), handle, password)
    return Bluesky(anyone, login, job.what, job.before, job.after, job.max_gap, opening.quarantine), meter


def _plan(job: Job, made: int) -> Plan:
    return of_calls(QUOTAS, job.limit, A_PAGE, made)


ENTRY = Entry(
    "bluesky",
    _open,
    _plan,
    newest_first=lambda job: not any(map(_FEED.fullmatch, job.what)),  # a feed has an order of its own
    asked_at_once=Bluesky.at_once,
    quotas=QUOTAS,
    account=lambda job: os.environ.get(HANDLE, "").strip() or ANYONE,
    terms=TERMS,
    reminder="Bluesky's terms hold: a post that its author deletes is to be deleted here too, which `sync` does",
)
