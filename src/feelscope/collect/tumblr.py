"""Tumblr: posts with a tag, back in time.

Source: Tumblr API v2, `tagged`; Hu and Flaxman's thesis, appendix A.1, for the walk and its guard on jumps in time.
The API loses its place: it gives posts out of order, newer ones than asked for, and nothing where there is more.
"""

import time
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from feelscope.collect.api import Api, NotThere
from feelscope.collect.entry import Entry, Opened, Opening
from feelscope.collect.job import Job
from feelscope.collect.plan import Plan, of_calls
from feelscope.collect.quota import Quota
from feelscope.collect.rows import place, read_post, whole
from feelscope.errors import CollectError
from feelscope.store import CollectedPost, Page, WebAddress
from feelscope.table import BadRow, Quarantine
from feelscope.table.layouts import tumblr
from feelscope.table.tags import read_tags
from feelscope.table.times import iso

ADDRESS = "https://api.tumblr.com"
KEY = "TUMBLR_API_KEY"
QUOTAS = (Quota(1000, 3600), Quota(5000, 86_400))  # Tumblr API v2, "Rate Limits", per consumer key
A_PAGE = 20  # posts, the most that `tagged` gives; one of them has come before
BIRTH = 1_170_288_000  # February 2007: Tumblr opens, nothing is older
_NEVER = 2**34  # the year 2514: nothing is newer
FIRST_STEP, LONGEST_STEP = 6 * 3600, 180 * 86_400  # seconds back in time over an empty answer
SAME_JUMP = 2  # answers with the same jump before it is believed
MAX_GAP = 7 * 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Place:
    """Where in time something is that is not kept: a video, or a post that cannot be read."""

    created_at: int


Found = CollectedPost | Place


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a walk back in time is.

    Args:
        before: Posts older than this are asked for next; Unix seconds.
        step: The last step over an empty answer, in seconds; 0 after posts.
        empty_from: Where the empty span began; 0 after posts.
        jumps: How often in a row the next post lay further back than the guard allows, or none came.
        seen: Posts so far.
    """

    before: int
    step: int = 0
    empty_from: int = 0
    jumps: int = 0
    seen: int = 0


class Tumblr:
    """Posts with any of these tags.

    Args:
        tags: With or without the #.
        before, after: Unix seconds; by default now, and the day Tumblr opened.
        max_gap: Seconds without a post beyond which an answer is not believed at once.
        quarantine: Where posts go that cannot be read; None only counts them.
    """

    name, at_once = "tumblr", 1

    def __init__(
        self,
        api: Api,
        tags: Sequence[str] = (),
        before: int | None = None,
        after: int | None = None,
        max_gap: int = MAX_GAP,
        quarantine: Quarantine | None = None,
    ) -> None:
        self.api, self.max_gap = api, max_gap
        self.quarantine = Quarantine() if quarantine is None else quarantine
        self.before = before
        self.after = BIRTH if after is None else max(after, BIRTH)
        window = f"{f' before {iso(before)}' if before else ''}{f' after {iso(after)}' if after else ''}"
        self.queries = {f"{tag}{window}": tag for tag in (tag.strip().lstrip("#") for tag in tags)}
        if "" in self.queries.values():
            raise CollectError("tumblr: a tag is empty; write it as in: feelscope collect posts.db tumblr happy")

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        before = int(time.time()) + 1 if self.before is None else self.before
        walk = Walk(**place(cursor, asdict(Walk(before))))
        while True:
            answer = self.fetch(self.queries[query], walk.before)
            found, skipped = parse(answer, self.quarantine, f"{self.name} {query}")
            page, walk = step(walk, found, self.after, self.max_gap)
            if skipped:
                page = replace(page, notes=(*page.notes, skipped))
            if page.done and not walk.seen:
                raise CollectError(f"tumblr: no post has the tag {self.queries[query]!r}; check its spelling")
            yield page
            if page.done:
                return

    def again(self, query: str, start: int, end: int) -> list[str]:
        """The arguments of `feelscope collect POSTS.DB` that ask for a span of time again."""
        return [self.name, self.queries[query], *_window(start, end)]

    def fetch(self, tag: str, before: int) -> object:
        """Ask for the posts before a time; gives the raw answer."""
        return self.api.get("/v2/tagged", {"tag": tag, "before": before, "limit": A_PAGE, "npf": "true"})

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """The ids of those posts, one at a time, that their blogs still have."""
        (post,) = posts
        try:
            answer = self.api.get(f"/v2/blog/{blog_of(post.url)}/posts", {"id": post.id})
        except NotThere:
            return set()
        response = answer.get("response") if isinstance(answer, Mapping) else None
        return set() if isinstance(response, Mapping) and response.get("posts") == [] else {post.id}


def step(walk: Walk, answer: Sequence[Found], after: int, max_gap: int) -> tuple[Page, Walk]:
    """One step of the walk: which posts of an answer are kept, and what to ask for next.

    A post that is more than `max_gap` older than its neighbour is left out at first: asked again, the API often has
    what lies between. When it gives the same jump again, the gap is noted and walked over. So is a span that was
    stepped over after an empty answer, however short: a server that had older posts was wrong to give none.
    """
    notes, gaps = [], []
    newer = [post for post in answer if _time(post) >= walk.before]
    older = sorted((post for post in answer if after <= _time(post) < walk.before), key=_time, reverse=True)
    if newer:
        notes.append(f"{len(newer)} posts newer than asked for, kept")
    if [_time(post) for post in answer] != sorted(map(_time, answer), reverse=True):
        notes.append("an answer out of order, sorted")
    if not older:
        return _step_back(walk, newer, notes, after, max_gap, older_came=len(answer) > len(newer))
    place = walk.before
    if walk.jumps >= SAME_JUMP or walk.step:  # the jump is believed, or was made by stepping over nothing
        newest, start = _time(older[0]), walk.empty_from or walk.before
        if walk.step or start - newest > max_gap:
            gaps.append((newest, start))
            again = " ".join(_window(newest, start))
            notes.append(f"gap: no post between {iso(newest)} and {iso(start)}; ask again with {again}")
        place = newest + 1
    kept = []
    for post in older:
        if place - _time(post) > max_gap:
            break
        kept.append(post)
        place = _time(post)
    if len(kept) < len(older):
        notes.append(f"{len(older) - len(kept)} posts after a jump in time, left for later")
    seen = walk.seen + len(newer) + len(kept)
    if kept:
        # The second of the last post may hold more of them; ask for it again unless that would stand still.
        walk = Walk(place + 1 if place + 1 < walk.before else place, seen=seen)
    else:
        walk = Walk(walk.before, jumps=walk.jumps + 1, seen=seen)
    return Page(_posts([*newer, *kept]), asdict(walk), tuple(notes), gaps=tuple(gaps)), walk


def _step_back(
    walk: Walk, newer: list[Found], notes: list[str], after: int, max_gap: int, *, older_came: bool
) -> tuple[Page, Walk]:
    """An answer without older posts: nothing is left, or the API lost its place; ask again, then look further back."""
    seen, start = walk.seen + len(newer), walk.empty_from or walk.before
    if walk.seen and not (older_came or walk.step or walk.jumps):
        walk = Walk(walk.before, jumps=1, seen=seen)
        return Page(_posts(newer), asdict(walk), tuple(notes)), walk
    gaps = []
    done = older_came or walk.before <= after
    if done and not older_came and start - after > max_gap and seen:
        if after > BIRTH:  # else it may well be the tag's beginning
            gaps.append((after, start))
        notes.append(f"no post before {iso(start)}; ask again with {' '.join(_window(after, start))}")
    longest = LONGEST_STEP if walk.seen else 2**62  # a tag that nobody uses is told in a few calls
    width = min(walk.step * 2 or FIRST_STEP, longest)
    walk = Walk(max(walk.before - width, after), width, start, seen=seen)
    return Page(_posts(newer), asdict(walk), tuple(notes), done, tuple(gaps)), walk


def _window(start: int, end: int) -> list[str]:
    """Options that ask for a span of time, its end included."""
    return ["--before", iso(end), *(["--after", iso(start)] if start > BIRTH else [])]


def _time(found: Found) -> int:
    return found.created_at or 0


def _posts(found: Sequence[Found]) -> list[CollectedPost]:
    return [post for post in found if isinstance(post, CollectedPost)]


def parse(answer: object, quarantine: Quarantine, table: str) -> tuple[list[Found], str]:
    """What an answer has, and in words what of it is not kept.

    Of what is not kept its place in time is; the walk would else take an answer full of videos for an empty one.

    Args:
        table: What was asked for, for the quarantine.

    Raises:
        CollectError: It is no list of posts.
    """
    posts = answer.get("response") if isinstance(answer, Mapping) else None
    if not isinstance(posts, list):
        raise CollectError(f"tumblr: expected a list of posts and got {str(answer)[:80]!r}; try again later")
    found: list[Found] = []
    left_out = 0
    for number, raw in enumerate(posts, 1):
        try:
            post = read_post(parse_post, raw)
            left_out += post is None
        except BadRow as bad:
            post = None
            quarantine.add(bad.id, number, bad.reason, detail=bad.detail, table=table)
        when = raw.get("timestamp") if isinstance(raw, Mapping) else None
        if post is not None:
            found.append(post)
        elif type(when) is int and BIRTH <= when < _NEVER:
            found.append(Place(when))
    return found, f"{left_out} posts without words or a picture of their own, left out" if left_out else ""


def parse_post(raw: object) -> CollectedPost | None:
    """One post, legacy or NPF; None where it has neither words nor a picture of its own.

    Raises:
        BadRow: It is one, and cannot be read.
    """
    if not isinstance(raw, Mapping):
        raise BadRow("not a post as its platform writes it", repr(raw)[:100])
    when = raw.get("timestamp")
    if isinstance(when, str) and when.isascii() and when.isdigit() and len(when) < 20:
        when = int(when)
    if raw.get("type") not in tumblr.KINDS:
        return None
    if type(when) is not int or not BIRTH <= when < _NEVER:
        raise BadRow("its time is none that Tumblr has", repr(when)[:100])
    row = tumblr.row(raw)
    if row is None:
        return None
    picture, more = row.get("image"), ("reblog", "alt_text", "text_as_it_was")
    return CollectedPost(
        source="tumblr",
        id=str(row["id"]),
        created_at=when,
        author=str(row.get("author", "")),
        title=str(row.get("title", "")),
        text=str(row["text"]),
        tags=read_tags(row.get("tags", [])),
        url=str(row.get("url", "")),
        image=WebAddress.of(str(picture)) if picture else None,
        votes=whole("note_count", row.get("votes")),
        other={name: row[name] for name in more if name in row},
    )


def blog_of(url: str) -> str:
    """The blog in a post's address: https://NAME.tumblr.com/post/1 or https://www.tumblr.com/NAME/1.

    The name itself is stored nowhere else, as it names the author.
    """
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    name = parts.path.strip("/").split("/")[0] if host in ("www.tumblr.com", "tumblr.com") else host
    return urllib.parse.quote(name, safe="")


def _open(opening: Opening) -> Opened:
    job, api = opening.job, opening.api(ADDRESS)
    return Tumblr(api, job.what, job.before, job.after, job.max_gap, opening.quarantine), api.meter


def _plan(job: Job, made: int) -> Plan:
    return of_calls(QUOTAS, job.limit, A_PAGE - 1, made)


ENTRY = Entry(
    "tumblr",
    _open,
    _plan,
    newest_first=lambda job: True,
    asked_at_once=Tumblr.at_once,
    quotas=QUOTAS,
    keys=(KEY,),
    terms="https://www.tumblr.com/docs/en/api_agreement",
)
