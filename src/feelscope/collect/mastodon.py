"""Mastodon, and what speaks its API: posts with a tag, or of an account, as one server has them.

Source: Mastodon's documentation of timelines, accounts, statuses, paging (`Link`, `max_id`) and rate limits.
A server knows the posts of its own people and those that others have sent it, so each server has another part of all.
"""

import re
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import Message
from typing import Any

from feelscope.collect.api import Api, NotThere, Refused
from feelscope.collect.entry import Entry, Opened, Opening, Tell
from feelscope.collect.job import Job
from feelscope.collect.kept import NOTHING_OWN, OTHER_TIME, NotKept, asks_not, is_refused, read_kept
from feelscope.collect.mastodon_ids import id_at, ids_are_times, moment_of, next_below, order_of
from feelscope.collect.mastodon_names import HOST, names_of, read_asked, server_of
from feelscope.collect.plan import Plan, of_calls
from feelscope.collect.quota import Quota, QuotaUsedUp
from feelscope.collect.rows import of_row, place
from feelscope.errors import CollectError
from feelscope.store import CollectedPost, Page
from feelscope.table import BadRow, Quarantine
from feelscope.table.layouts import mastodon
from feelscope.table.layouts.record import dig, records, text_of
from feelscope.table.times import iso
from feelscope.text.html import read_html, tidy
from feelscope.web.addresses import checked, is_public
from feelscope.web.client import opener
from feelscope.web.connection import resolve

QUOTAS = (Quota(300, 300),)  # "Rate limits": of a server, by address
A_PAGE = 40  # posts, the most that an answer has
SERVER, NUMBER = "server", "server_id"  # columns: which server gave a post, and as what it knows it
MOST_EMPTY = 20  # answers without a post, each with another place to continue at
_OPT_OUTS = re.compile(r"#(no-?bots?|no-?index|no-?archive|no-?collect)\b", re.IGNORECASE)
ApiOf = Callable[[str], Api]  # of a server


class Mastodon:
    """Posts of one server.

    Args:
        api_of: Gives the API of a server.
        server: Its name, such as mastodon.social; empty for a source that only looks for posts again.
        what: Tags, with or without #, and accounts, which begin with @.
        before, after: Unix seconds; None for no bound.
        quarantine: Where posts go that cannot be read; None only counts them.
        tell: Called with what is wrong with a server that cannot be asked about its posts.
    """

    name, at_once = "mastodon", 20

    def __init__(
        self,
        api_of: ApiOf,
        server: str = "",
        what: Sequence[str] = (),
        before: int | None = None,
        after: int | None = None,
        quarantine: Quarantine | None = None,
        tell: Tell = lambda words: None,
    ) -> None:
        self.api_of, self.server, self.tell = api_of, server_of(server) if server else "", tell
        self.quarantine = Quarantine() if quarantine is None else quarantine
        self.before, self.after = before, after
        window = f"{f' before {iso(before)}' if before else ''}{f' after {iso(after)}' if after else ''}"
        self.queries = {f"{self.server} {name}{window}": name for name in names_of(what)}
        self._own: set[str] = set()  # paths that show only what the server's own people wrote
        self._silent: set[str] = set()  # servers that do not answer
        self._old: set[str] = set()  # servers that are asked about one post at a time

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        name, api = self.queries[query], self.api_of(self.server)
        state = place(cursor, {"max_id": "", "seen": 0, "empty": 0})
        path, is_told = self._path(api, name), False
        while True:
            statuses, headers = self.fetch(api, path, name, state["max_id"])
            empty = 0 if statuses else state["empty"] + 1
            below = next_below(statuses, headers, state["max_id"])
            if self.before and not state["seen"] and ids_are_times(statuses):
                below = min(below, id_at(self.before), key=order_of)  # what is newer is not asked for
            # A server that stands still has ended, though an answer without posts is believed when it comes twice.
            done = (below == state["max_id"] and empty != 1) or empty > MOST_EMPTY
            done |= self.after is not None and _are_older(statuses, self.after)
            seen = state["seen"] + len(statuses)
            if done and not seen:
                raise CollectError(f"mastodon: {self.server} has no posts of {name[:80]!a} that anybody may see")
            state = {"max_id": below, "seen": seen, "empty": empty}
            posts, left_out = read_kept(statuses, self._in_time, self.quarantine, f"mastodon {query}")
            said = path in self._own and not is_told
            notes = (f"{self.server} shows nothing but its own people's posts without a login",) if said else ()
            is_told |= said
            times = [when for when in map(moment_of, statuses) if when is not None]
            yield Page(posts, state, notes, done, left_out=left_out, times=times)
            if done:
                return

    def fetch(self, api: Api, path: str, name: str, max_id: str) -> tuple[list[Any], Message]:
        """Ask for the posts below one; gives the raw posts and the headers."""
        asked: dict[str, str | int] = {"limit": A_PAGE, **({"max_id": max_id} if max_id else {})}
        try:
            answer, headers = api.get_page(path, asked | ({"local": "true"} if path in self._own else {}))
        except NotThere as error:
            hint = "or it is no Mastodon server"
            raise CollectError(
                f"mastodon: {self.server} knows nothing of {name[:80]!a}, {hint} ({error.code})"
            ) from error
        except Refused as error:
            if error.code != 401 or path in self._own or name.startswith("@"):
                raise
            self._own.add(path)  # from 4.5 on, a server may keep what it has from others to its own people
            return self.fetch(api, path, name, max_id)
        return _statuses(answer, self.server), headers

    def _path(self, api: Api, name: str) -> str:
        """Where posts with a tag, or of an account, are."""
        if not name.startswith("@"):
            return f"/api/v1/timelines/tag/{urllib.parse.quote(name.lstrip('#'), safe='', errors='replace')}"
        try:
            account = api.get("/api/v1/accounts/lookup", {"acct": name.lstrip("@")})
        except NotThere as error:
            raise CollectError(f"mastodon: {self.server} knows no account {name[:80]!a}; check its spelling") from error
        id = dig(account, "id")
        if not isinstance(id, str | int) or not str(id).isalnum():
            raise CollectError(f"mastodon: expected an account of {self.server} and got {str(account)[:80]!r}")
        return f"/api/v1/accounts/{id}/statuses"

    def _in_time(self, status: object) -> CollectedPost:
        post = parse(status, self.server)
        when = post.created_at
        if when is not None and not (self.after or when) <= when < (self.before or when + 1):
            raise NotKept(OTHER_TIME)
        return post

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """The ids of those posts that their servers still show, and whose authors have not opted out since.

        A server that does not answer, and a post of a file, of which no server is known, take nothing back.
        """
        there = {post.id for post in posts}
        by_server: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for post in posts:
            server, number = post.other.get(SERVER), post.other.get(NUMBER)
            if isinstance(server, str) and isinstance(number, str) and HOST.fullmatch(server) and number.isalnum():
                by_server[server][number] = post.id
        for server, ids in by_server.items():
            if server in self._silent:
                continue
            try:
                shown = self._shown(server, list(ids))
                missing = [number for number in ids if number not in shown]
                shown |= self._shown(server, missing) if missing else set()  # what is removed never comes back
            except QuotaUsedUp:
                raise
            except CollectError as error:
                self._silent.add(server)
                self.tell(f"{server} does not say which posts it still has, so they stay: {error}")
                continue
            there -= {id for number, id in ids.items() if number not in shown}
        return there

    def _shown(self, server: str, numbers: list[str]) -> set[str]:
        """Which of a server's posts it shows."""
        api = self.api_of(server)
        if server not in self._old:
            try:
                answer = api.get("/api/v1/statuses", {"id[]": numbers})
                return self._wanted(_statuses(answer, server), server)
            except Refused as error:  # before Mastodon 4.3 only one post could be asked for
                if error.code in (401, 403):
                    raise
                _check_is_server(api, server)
                self._old.add(server)
        found: list[Any] = []
        for number in numbers:
            try:
                found.append(api.get(f"/api/v1/statuses/{number}", {}))
            except NotThere:
                continue
        return self._wanted(found, server)

    def _wanted(self, statuses: list[Any], server: str) -> set[str]:
        kept = (one for one in statuses if not is_refused(lambda status: parse(status, server), one))
        return {str(dig(status, "id")) for status in kept}


def _check_is_server(api: Api, server: str) -> None:
    """Raise where an address is no server any more, at which no post is found either."""
    try:
        is_server = isinstance(api.get("/api/v1/instance", {}), Mapping)
    except NotThere:
        is_server = False
    if not is_server:
        raise CollectError(f"mastodon: {server} is no Mastodon server any more")


def _statuses(answer: object, server: str) -> list[Any]:
    if not isinstance(answer, list):
        raise CollectError(
            f"mastodon: expected posts of {server} and got {str(answer)[:80]!r}; is it a Mastodon server?"
        )
    return answer


def _are_older(statuses: Sequence[object], after: int) -> bool:
    """Whether all posts of an answer are from before a time; an empty answer says nothing."""
    times = [moment_of(status) for status in statuses]
    return bool(times) and all(when is not None and when < after for when in times)


def parse(status: object, server: str) -> CollectedPost:
    """One post; a boost is the post itself, by its own author, and is marked.

    What a content warning says is the title: it is the author's, and comes before the text. Custom emoji stay what
    their author typed, as in :blobcat:.

    Raises:
        BadRow: It is none.
        NotKept: Its author does not want it to be collected, or there is nothing in it.
    """
    if not isinstance(status, Mapping):
        raise BadRow("not a post as its platform writes it", repr(status)[:100])
    boosted = status.get("reblog")
    post = boosted if isinstance(boosted, Mapping) else status
    account = post.get("account")
    if not isinstance(account, Mapping):
        raise BadRow("not a post as its platform writes it", repr(account)[:100])
    if post.get("visibility") not in (None, "public"):
        raise NotKept("that are not public to all")
    _obey(account)
    (row,) = mastodon.rows({**post, "reblog": None})
    text, title = read_html(str(row["text"]))[0], tidy(str(row.get("title", "")))
    images = [one.get("url") for one in records(post.get("media_attachments")) if one.get("type") == "image"]
    poll = [text_of("poll", one.get("title")) for one in records(dig(post, "poll", "options"))]
    if not text and not title and not row.get("image"):
        raise NotKept(NOTHING_OWN)
    return of_row(
        row,
        created_at=moment_of(post),
        text=text,
        title=title,
        other={
            "lang": row.get("lang"),
            "alt_text": row.get("alt_text"),
            "images": images if len(images) > 1 else None,
            "poll": poll,
            "edited_at": post.get("edited_at"),
            "sensitive": post.get("sensitive") is True,
            "bot": account.get("bot") is True,
            "repost": post is boosted,
            "quote": isinstance(post.get("quote"), Mapping),
            "reply": post.get("in_reply_to_id") is not None,
            SERVER: server,
            NUMBER: str(post.get("id") or ""),
        },
    )


def _obey(account: Mapping[str, Any]) -> None:
    """Raise where an account asks, in its settings or its own words, not to be collected.

    `indexable` and `discoverable` are consent that was not given; an older server, which has neither, says nothing.
    """
    if account.get("noindex") is True:
        raise asks_not("noindex")
    for consent, what in (("indexable", "found in searches"), ("discoverable", "suggested to others")):
        if account.get(consent) is False:
            off = f"their setting {consent} is off, as it is until they turn it on"
            raise NotKept(f"whose authors have not agreed to be {what} ({off})")
    said = [account.get("note"), *(value for one in records(account.get("fields")) for value in one.values())]
    for words in said:
        if isinstance(words, str) and (found := _OPT_OUTS.search(read_html(words)[0])):
            raise asks_not(found[0].lower())


def _open(opening: Opening) -> Opened:
    job = opening.job
    another = opening.address("")  # is asked in the place of every server
    server, what = read_asked(job.what)
    # A server that the database alone names, which may be anybody's, is none of this network.
    is_named = bool(server or another or urllib.request.getproxies().get("https"))
    opened = None if is_named else opener(resolve=checked(resolve, is_public))
    apis: dict[str, Api] = {}

    def api_of(name: str) -> Api:
        hint = f"{name} shows this to nobody who is not logged in; try another server"
        if name not in apis:
            apis[name] = Api(another or f"https://{name}", opening.meter(name), "", hint, opener=opened)
        return apis[name]

    source = Mastodon(api_of, server, what, job.before, job.after, opening.quarantine, opening.tell)
    return source, api_of(server).meter if server else None


def _plan(job: Job, made: int) -> Plan:
    return of_calls(QUOTAS, job.limit, A_PAGE, made)


ENTRY = Entry(
    "mastodon",
    _open,
    _plan,
    arguments="SERVER TAG|@ACCOUNT...",
    is_enough=lambda job: bool(job.what and read_asked(job.what)[1]),
    newest_first=lambda job: True,
    asked_at_once=Mastodon.at_once,
    quotas=QUOTAS,
    account=lambda job: read_asked(job.what)[0],
    terms="https://{account}/about",
    reminder="the rules of the server hold, and many people there want to be asked: read https://{account}/about",
)
