"""Reddit: the top or newest posts of subreddits, with the user's own approved credentials, through PRAW.

Source: Duong et al. 2017, 5.2, for the four subreddits and the number of votes. A listing ends near 1,000 posts.
There is no way around the credentials here, on purpose: Reddit's terms ask for its approval.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from feelscope.collect.api import LIMITS, read_answer
from feelscope.collect.entry import Entry, Opened, Opening
from feelscope.collect.job import Job
from feelscope.collect.plan import Plan, of_calls
from feelscope.collect.quota import Quota
from feelscope.collect.rows import place, read_posts, seconds, whole
from feelscope.collect.wanted import EVERY, Wanted
from feelscope.errors import CollectError, needs_extra, one_line
from feelscope.post import is_blank
from feelscope.store import CollectedPost, Page, WebAddress
from feelscope.table import BadRow, Quarantine
from feelscope.table.layouts import reddit
from feelscope.text.own_words import is_placeholder, own_words
from feelscope.web.client import Fault, Limits, Passing, ask

if TYPE_CHECKING:
    import praw

    from feelscope.collect.quota import Meter

KEYS = ("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET", "REDDIT_USER_AGENT")
QUOTAS = (Quota(100, 60),)  # Data API, free tier, per OAuth client
TERMS = "https://www.redditinc.com/policies/data-api-terms"
A_PAGE = 100  # posts, the most that a listing gives
LISTINGS = ("top", "new")
LONGEST_LISTING = 1000  # posts; Reddit ends every listing there
# Duong et al. 2017, 5.2: joy, fear, anger, disgust; the top 1,000 of each with a picture, and 100 votes or more.
PRESETS: Mapping[str, tuple[str, ...]] = {"duong": ("happy", "creepy", "rage", "gore")}
PRESET_VOTES = 100


class Reddit:
    """Posts of subreddits.

    Args:
        subreddits: Without the r/.
        listing: `top` of all time, or `new`.
        wanted: Which posts are kept.
        quarantine: Where rows go that are no submission; None only counts them.
    """

    name, at_once = "reddit", 100

    def __init__(
        self,
        client: praw.Reddit,
        subreddits: Sequence[str] = (),
        listing: str = "top",
        wanted: Wanted = EVERY,
        quarantine: Quarantine | None = None,
    ) -> None:
        self.client, self.listing, self.wanted = client, listing, wanted
        self.quarantine = Quarantine() if quarantine is None else quarantine
        names = [name.strip().removeprefix("/").removeprefix("r/").strip("/") for name in subreddits]
        self.queries = {f"r/{name} {listing}{wanted}": name for name in names}
        if "" in names:
            raise CollectError(
                "reddit: a subreddit's name is empty; write it as in: feelscope collect posts.db reddit happy"
            )

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        state = place(cursor, {"after": "", "count": 0})
        while True:
            raw, after = self.fetch(self.queries[query], state["after"], state["count"])
            posts = read_posts(raw, parse, self.quarantine, f"reddit {query}")
            kept, notes = [post for post in posts if self.wanted(post)], self.wanted.note(posts)
            done = after in ("", state["after"])  # a listing that stands still has ended too
            state = {"after": after, "count": state["count"] + len(raw)}
            if done and not state["count"]:
                raise CollectError(f"reddit: r/{self.queries[query]} has no posts")
            yield Page(kept, state, notes, done, times=[post.created_at or 0 for post in posts])
            if done:
                return

    def fetch(self, subreddit: str, after: str, count: int) -> tuple[list[Any], str]:
        """Ask for one page of a listing; gives the raw posts and the place after them, empty at the end."""
        asked: dict[str, str | int] = {"limit": str(A_PAGE), "count": str(count), "raw_json": "1"}
        if self.listing == "top":
            asked["t"] = "all"
        if after:
            asked["after"] = after
        return self._listing(f"r/{subreddit}", f"r/{subreddit}/{self.listing}", asked)

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """The ids of those posts, of at most 100, that Reddit still has."""
        names = ",".join(f"t3_{post.id}" for post in posts)
        found, _ = self._listing("the posts' ids", "api/info/", {"id": names, "raw_json": "1"})
        return {str(raw.get("id")) for raw in found if isinstance(raw, Mapping) and not _is_gone(raw)}

    def _listing(self, what: str, path: str, asked: dict[str, str | int]) -> tuple[list[Any], str]:
        """Ask for a listing, as JSON: PRAW's own objects fail as a whole at one odd post."""
        with _one_line(what):
            answer = self.client.request(method="GET", path=path, params=asked)
        data = answer.get("data") if isinstance(answer, Mapping) else None
        children = data.get("children") if isinstance(data, Mapping) else None
        if not isinstance(data, Mapping) or not isinstance(children, list):
            raise CollectError(f"reddit, {what}: expected a listing and got {str(answer)[:80]!r}; try again later")
        after = data.get("after") or ""
        if not isinstance(after, str):
            raise CollectError(f"reddit, {what}: expected the place of the next page and got {str(after)[:80]!r}")
        return [child.get("data") if isinstance(child, Mapping) else child for child in children], after


def _is_gone(raw: Mapping[str, Any]) -> bool:
    """Whether a submission was deleted by its author or removed; Reddit keeps its place."""
    gone = any(_is_placeholder(raw.get(name)) for name in ("author", "selftext"))
    return gone or raw.get("author") is None or bool(raw.get("removed_by_category"))


def _is_placeholder(text: object) -> bool:
    return isinstance(text, str) and is_placeholder(text)


def connect(credentials: Mapping[str, str], meter: Meter, address: str = "", limits: Limits = LIMITS) -> praw.Reddit:
    """Open Reddit with a user's own credentials, every call counted and made by the client that all rooms share.

    Args:
        address: Asked in place of Reddit's own.
        limits: Of one call; PRAW makes one that fails up to three times.

    Raises:
        MissingExtra: PRAW is not installed.
    """
    with needs_extra("collecting from Reddit", "collect"):
        import praw
        import prawcore
        import requests

    class Asked(requests.adapters.BaseAdapter):
        """Answers requests with what `ask` brings: its deadline, its sizes, its proxies."""

        def send(self, request: Any, *_: Any, **__: Any) -> requests.Response:
            # Sizes are those of the wire, so nothing may come packed.
            headers = {**request.headers, "Accept-Encoding": "identity"}
            body = request.body.encode() if isinstance(request.body, str) else request.body
            try:
                answer = ask(request.url, limits, method=request.method, headers=headers, body=body)
                # prawcore's own reader knows no bottom, and one odd post would cost it the whole answer.
                value = read_answer(answer.content) if 200 <= answer.status < 300 else None
            except Passing as fault:  # prawcore tries again
                raise requests.ConnectionError(str(fault), request=request) from fault
            except Fault as fault:
                raise requests.RequestException(str(fault), request=request) from fault
            response = requests.Response()
            response.status_code, response.raw = answer.status, io.BytesIO(answer.content)
            response.headers.update(answer.headers.items())
            response.url, response.request = request.url, request
            if value is not None:
                vars(response)["json"] = lambda: value
            return response

        def close(self) -> None:
            pass

    class Counted(prawcore.Requestor):
        def request(self, *arguments: Any, **more: Any) -> Any:
            meter.take()
            return super().request(*arguments, **{**more, "allow_redirects": False})  # a key must not travel on

    session = requests.Session()
    session.trust_env = False  # `ask` knows the proxies
    for scheme in ("https://", "http://"):
        session.mount(scheme, Asked())
    return praw.Reddit(
        client_id=credentials["REDDIT_CLIENT_ID"],
        client_secret=credentials["REDDIT_CLIENT_SECRET"],
        user_agent=credentials["REDDIT_USER_AGENT"],
        reddit_url=address or "https://www.reddit.com",
        oauth_url=address or "https://oauth.reddit.com",
        check_for_updates=False,
        check_for_async=False,
        requestor_class=Counted,
        requestor_kwargs={"session": session},
    )


@contextmanager
def _one_line(what: str) -> Iterator[None]:
    """Turn what PRAW and prawcore raise into a sentence."""
    from praw.exceptions import PRAWException
    from prawcore.exceptions import OAuthException, PrawcoreException, RequestException

    try:
        yield
    except (PRAWException, PrawcoreException) as error:
        said = _WORDS.get(getattr(getattr(error, "response", None), "status_code", 0)) or one_line(error)[:160]
        if isinstance(error, OAuthException):
            said = _WORDS[401]
        if isinstance(error, RequestException):
            said = one_line(error.original_exception)[:160]
        raise CollectError(f"reddit, {what}: {said}") from error


_WORDS = {
    302: "there is no such subreddit; check its spelling",
    401: f"the credentials are refused (401); check {', '.join(KEYS)}",
    403: "private, banned, or your approval does not cover it (403)",
    404: "there is no such subreddit, or it is banned (404)",
    429: "the quota is used up (429); run the same command again later",
}


def parse(raw: object) -> CollectedPost:
    """One submission, of the API or of a dump; raises `BadRow` where it is none."""
    if not isinstance(raw, Mapping):
        raise BadRow("not a submission", repr(raw)[:100])
    row = reddit.row(raw)
    said, title, image = str(row["text"]), str(row.get("title", "")), row.get("image")
    text, own_title = own_words(said)[0], own_words(title)[0]
    if not image and is_blank(text) and is_blank(own_title):
        raise BadRow("neither text nor image", title or said, broken=False)  # as of a post that was removed
    more: dict[str, object] = {"images": row["images"]} if "images" in row else {}
    more |= {"text_as_it_was": said} if said != text else {}
    more |= {"title_as_it_was": title} if title != own_title else {}
    return CollectedPost(
        source="reddit",
        id=str(row["id"]),
        created_at=seconds(raw.get("created_utc")),
        author=str(row.get("author", "")),
        title=own_title,
        text=text,
        url=str(row.get("url", "")),
        image=WebAddress.of(str(image)) if image else None,
        votes=whole("score", raw.get("score")),
        other={"subreddit": row.get("subreddit", ""), **more},
    )


def _open(opening: Opening) -> Opened:
    job = opening.job
    credentials = {name: opening.secret(name) for name in KEYS}
    meter = opening.meter(credentials[KEYS[0]])
    client = connect(credentials, meter, opening.address(""))
    return Reddit(client, job.what, job.listing, job.wanted, opening.quarantine), meter


def _plan(job: Job, made: int) -> Plan:
    longest = LONGEST_LISTING * len(job.what)
    return of_calls(QUOTAS, longest if job.limit is None else min(job.limit, longest), A_PAGE, made)


ENTRY = Entry(
    "reddit",
    _open,
    _plan,
    newest_first=lambda job: job.listing == "new",
    asked_at_once=Reddit.at_once,
    quotas=QUOTAS,
    keys=KEYS,
    terms=TERMS,
)
