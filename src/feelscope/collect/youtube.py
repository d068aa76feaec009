"""YouTube: the comments on a video, on a channel's videos, or on videos that a search finds.

Source: YouTube Data API v3: `commentThreads.list`, `comments.list`, `search.list`, `channels.list`. A call costs units,
of which a project has 10,000 a day: a search 100 for up to 50 videos, every other call 1 for up to 100 comments. A
thread comes with its first replies; the others are asked for.
"""

import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from feelscope.collect.api import Api
from feelscope.collect.entry import Entry, Opened, Opening
from feelscope.collect.job import Job
from feelscope.collect.kept import NOTHING_OWN, NotKept, read_kept
from feelscope.collect.plan import Plan, of_calls
from feelscope.collect.quota import Quota
from feelscope.collect.rows import identity, listed, place, whole
from feelscope.collect.youtube_names import CHANNEL, VIDEO, read_asked
from feelscope.collect.youtube_refusals import LOST, MISSING, SAID, Withheld, refusal
from feelscope.collect.youtube_walk import Walk, walk_of
from feelscope.errors import CollectError
from feelscope.post import is_blank
from feelscope.store import CollectedPost, Page
from feelscope.table import BadRow, Quarantine
from feelscope.table.times import iso, read_time, unix_seconds

ADDRESS = "https://www.googleapis.com"
KEY = "YOUTUBE_API_KEY"
PACIFIC = "America/Los_Angeles"  # where a day of the quota begins at midnight
QUOTAS = (Quota(10_000, 86_400, "units", PACIFIC),)
A_SEARCH = 100  # units; every other call is one
A_PAGE, VIDEOS_A_PAGE, AT_ONCE = 100, 50, 50  # the most of a call: comments, videos found, comments by their ids
MOST_AGAIN = 3  # times that a video is begun again, as its place was lost


Row = tuple[object, str]  # a comment, and the video that it is on


class YouTube:
    """Comments on what these name.

    Args:
        what: Ids or addresses of videos or channels, @handles, or words to search for.
        quarantine: Where comments go that cannot be read; None only counts them.
    """

    name, at_once = "youtube", AT_ONCE

    def __init__(self, api: Api, what: Sequence[str] = (), quarantine: Quarantine | None = None) -> None:
        self.api, self.quarantine = api, Quarantine() if quarantine is None else quarantine
        self.queries = {f"{kind}:{value}": (kind, value) for kind, value in map(read_asked, what)}

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        kind, value = self.queries[query]
        start = Walk([] if kind == "search" else [value], searched=kind != "search")
        walk = walk_of(place(cursor, asdict(start)))
        done = False
        while not done:
            notes: list[str] = []
            posts, left_out = read_kept(self._step(query, walk, notes), parse, self.quarantine, f"youtube {query}")
            walk.seen += len(posts)
            done = walk.searched and not walk.targets and not walk.threads
            if done and not walk.seen and not notes:
                notes.append("no comments")
            yield Page(posts, asdict(walk), tuple(notes), done, left_out=left_out)

    def _step(self, query: str, walk: "Walk", notes: list[str]) -> list[Row]:
        """The comments of one call, by which the walk gets on."""
        if walk.threads:
            return self._replies(walk, notes)
        if not walk.targets:
            return self._search(query, walk)
        if walk.targets[0].startswith("@"):
            items, _ = self.fetch("channels", part="id", forHandle=walk.targets[0])
            found = [str(one.get("id")) for one in items if isinstance(one, Mapping)]
            if not found or not CHANNEL.fullmatch(found[0]):
                raise CollectError(f"youtube: there is no channel {walk.targets[0]}; check its spelling")
            walk.targets[0] = found[0]
            return []
        return self._comments(query, walk, notes)

    def _search(self, query: str, walk: "Walk") -> list[Row]:
        """Videos that are found, the most relevant first; their comments come next."""
        more = {"pageToken": walk.search} if walk.search else {}
        words = self.queries[query][1]
        items, following = self.fetch("search", part="id", type="video", q=words, maxResults=VIDEOS_A_PAGE, **more)
        ids = (one.get("id") for one in items if isinstance(one, Mapping))
        found = [str(id.get("videoId")) for id in ids if isinstance(id, Mapping)]
        walk.targets = [id for id in dict.fromkeys(found) if VIDEO.fullmatch(id)]
        if not walk.targets and not walk.search:
            raise CollectError(f"youtube: no video is found for {words!r}")
        walk.searched = not following or following == walk.search
        walk.search = following
        return []

    def _comments(self, query: str, walk: "Walk", notes: list[str]) -> list[Row]:
        """Comments on a video, or on all of a channel's, with their first replies, the newest first."""
        target = walk.targets[0]
        of = {"allThreadsRelatedToChannelId" if CHANNEL.fullmatch(target) else "videoId": target}
        more = {"pageToken": walk.page} if walk.page else {}
        fixed: dict[str, str | int] = {"part": "snippet,replies", "order": "time", "maxResults": A_PAGE}
        try:
            items, following = self.fetch("commentThreads", **fixed, **of, **more)
        except Withheld as refused:
            if refused.reason in MISSING and self.queries[query][0] != "search":
                raise
            if refused.reason in LOST and walk.page and walk.again < MOST_AGAIN:
                walk.page, walk.again = "", walk.again + 1
                notes.append(f"{target}: the place in its comments was lost, begun again")
            else:
                notes.append(f"{target}: {SAID[refused.reason]}")
                walk.leave()
            return []
        rows = [row for thread in items for row in comments_of(thread)]
        walk.threads = [one for thread in items if (one := _with_more_replies(thread))]
        walk.page = walk.next_page(following, walk.page, target, notes, is_empty=not rows)
        if not walk.page:
            walk.leave()
        return rows

    def _replies(self, walk: "Walk", notes: list[str]) -> list[Row]:
        """The replies to a comment, of which its thread had the first."""
        (thread, video), *rest = walk.threads
        more = {"pageToken": walk.replies} if walk.replies else {}
        try:
            items, following = self.fetch("comments", part="snippet", parentId=thread, maxResults=A_PAGE, **more)
        except Withheld:  # removed meanwhile; the first replies are kept until `sync`
            items, following = [], ""
        walk.replies = walk.next_page(following, walk.replies, f"replies to {thread}", notes, is_empty=not items)
        if not walk.replies:
            walk.threads, walk.empty = rest, 0
        return [(one, video) for one in items]

    def fetch(self, method: str, **parameters: str | int) -> tuple[list[Any], str]:
        """The items of a list, and where the next page is; empty at the end.

        Raises:
            Withheld: It cannot be had.
        """
        asked = {"textFormat": "plainText", **parameters} if method.startswith("comment") else parameters
        answer = self.api.get(f"/youtube/v3/{method}", asked, units=A_SEARCH if method == "search" else 1)
        said = answer if isinstance(answer, Mapping) else {}
        items, following = said.get("items"), said.get("nextPageToken")
        if "items" not in said and str(said.get("kind")).startswith("youtube#"):
            items = []  # as some of its lists of nothing are written
        if not isinstance(items, list) or not isinstance(following, str | None):
            raise CollectError(f"youtube: expected a list of items and got {str(answer)[:80]!r}; try again later")
        return items, following or ""

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """The ids of those comments, of at most 50, that YouTube still has."""
        return self.as_they_are(posts)[0]

    def as_they_are(self, posts: Sequence[CollectedPost]) -> tuple[set[str], list[CollectedPost]]:
        """The ids of those comments, of at most 50, that YouTube still has, and how they are now."""
        there, current = self._asked_about(posts)
        missing = [post for post in posts if post.id not in there]
        if not missing:
            return there, current
        again, found = self._asked_about(missing)  # what is removed never comes back, so one answer is not enough
        return there | again, current + found

    def _asked_about(self, posts: Sequence[CollectedPost]) -> tuple[set[str], list[CollectedPost]]:
        videos = {post.id: _video(post.other.get("video")) for post in posts}
        try:
            items, _ = self.fetch("comments", part="snippet", id=",".join(videos))
        except Withheld as refused:
            if refused.reason != "commentNotFound":
                raise
            if len(posts) == 1:
                return set(), []
            middle = len(posts) // 2  # one that is gone may cost its whole answer
            (there, now), (more, later) = self._asked_about(posts[:middle]), self._asked_about(posts[middle:])
            return there | more, now + later
        ids = [one.get("id") if isinstance(one, Mapping) else None for one in items]
        rows = [(one, videos[id]) for one, id in zip(items, ids, strict=True) if isinstance(id, str) and id in videos]
        # Where it cannot be told which comment an answer means, none of them is taken for gone.
        there = {str(id) for id in ids} if len(rows) == len(items) else {*videos}
        return there, read_kept(rows, parse, self.quarantine, "youtube comments")[0]


# Reading


def comments_of(thread: object) -> list[Row]:
    """The comments of a thread, the one that began it first, each with the video that it is on."""
    snippet = thread.get("snippet") if isinstance(thread, Mapping) else None
    if not isinstance(thread, Mapping) or not isinstance(snippet, Mapping):
        return [(thread, "")]
    video = _video(snippet.get("videoId"))
    replies = thread.get("replies")
    first = listed(replies.get("comments")) if isinstance(replies, Mapping) else ()
    top = snippet.get("topLevelComment")
    answered = snippet.get("totalReplyCount")
    if isinstance(top, Mapping) and type(answered) is int and answered > 0:
        top = {**top, "replies": answered}
    return [(top, video), *((reply, video) for reply in first)]


def _with_more_replies(thread: object) -> list[str] | None:
    """The id and the video of a thread with more replies than came with it."""
    rows = comments_of(thread)
    top, video = rows[0]
    answered = top.get("replies") if isinstance(top, Mapping) else None
    if isinstance(top, Mapping) and isinstance(answered, int) and answered >= len(rows):
        return [str(top["id"]), video] if isinstance(top.get("id"), str) else None
    return None


def _video(value: object) -> str:
    return value if isinstance(value, str) and VIDEO.fullmatch(value) else ""


def parse(row: Row) -> CollectedPost:
    """A comment on a video as a post.

    Raises:
        NotKept: It has no words.
        BadRow: It is none.
    """
    comment, video = row
    snippet = comment.get("snippet") if isinstance(comment, Mapping) else None
    if not isinstance(comment, Mapping) or not isinstance(snippet, Mapping):
        raise BadRow("not a comment", repr(comment)[:100])
    id = identity(comment.get("id"))
    try:
        return _read(id, snippet, _video(snippet.get("videoId")) or video, comment.get("replies"))
    except BadRow as bad:
        bad.id = bad.id or id
        raise


def _read(id: str, snippet: Mapping[str, Any], video: str, replies: object) -> CollectedPost:
    # The words as they were written are given to their author alone, it is said; the others are plain as asked for.
    said = (snippet[name] for name in ("textOriginal", "textDisplay") if isinstance(snippet.get(name), str))
    text = next(said, None)
    if text is None:
        raise BadRow("its text is no text", repr(snippet.get("textDisplay"))[:100])
    if is_blank(text):
        raise NotKept(NOTHING_OWN)
    written, edited, parent = snippet.get("publishedAt"), snippet.get("updatedAt"), snippet.get("parentId")
    when = read_time(written) if isinstance(written, str) else None
    if when is None:
        raise BadRow("its time is none", repr(written)[:100])
    changed = unix_seconds(read_time(edited)) if isinstance(edited, str) and edited != written else None
    more = {
        "video": video,
        "reply": isinstance(parent, str),
        "reply_to": parent if isinstance(parent, str) else "",
        "edited_at": "" if changed is None else iso(changed),
        "num_comments": replies if isinstance(replies, int) else None,
    }
    return CollectedPost(
        source="youtube",
        id=id,
        created_at=unix_seconds(when),
        author=_author(snippet),
        text=text,
        url=f"https://www.youtube.com/watch?v={video}&lc={urllib.parse.quote(id, safe='')}" if video else "",
        votes=whole("likeCount", snippet.get("likeCount")),
        other={name: value for name, value in more.items() if value not in (None, "", {})},
    )


def _author(snippet: Mapping[str, Any]) -> str:
    """The channel of who wrote it, else the name."""
    channel = snippet.get("authorChannelId")
    found = (channel.get("value") if isinstance(channel, Mapping) else None, snippet.get("authorDisplayName"))
    return next((name for name in found if isinstance(name, str) and name), "")


def _open(opening: Opening) -> Opened:
    api = opening.api(ADDRESS, "key")
    api = replace(api, refuse=refusal(api.meter, api.key_hint))
    return YouTube(api, opening.job.what, opening.quarantine), api.meter


def _plan(job: Job, made: int) -> Plan:
    plan = of_calls(QUOTAS, job.limit, A_PAGE, made)
    searches = sum(read_asked(one)[0] == "search" for one in job.what)
    more = f"; a search costs {A_SEARCH} units for {VIDEOS_A_PAGE} videos" if searches else ""
    return replace(plan, remark=f"a call costs one unit{more}; {plan.remark}")


ENTRY = Entry(
    "youtube",
    _open,
    _plan,
    asked_at_once=AT_ONCE,
    quotas=QUOTAS,
    keys=(KEY,),
    terms="https://developers.google.com/youtube/terms/developer-policies",
    reminder="YouTube asks that what is kept is refreshed or deleted within 30 days: `feelscope collect POSTS.DB sync`",
)
