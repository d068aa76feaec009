"""Reddit: the top or newest posts of subreddits, with the user's own approved credentials, through PRAW.

Source: Duong et al. 2017, 5.2, for the four subreddits and the number of votes. A listing ends near 1,000 posts.
There is no way around the credentials here, on purpose: Reddit's terms ask for its approval.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from feelscope.collect.api import LIMITS
from feelscope.errors import CollectError, needs_extra, one_line
from feelscope.store import CollectedPost, Page
from feelscope.text.html import is_address
from feelscope.web.client import Fault, Limits, Passing, ask, read_json

if TYPE_CHECKING:
    import praw

    from feelscope.collect.quota import Meter

KEYS = ("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET", "REDDIT_USER_AGENT")
A_PAGE = 100  # posts, the most that a listing gives
LISTINGS = ("top", "new")
LONGEST_LISTING = 1000  # posts; Reddit ends every listing there
# Duong et al. 2017, 5.2: joy, fear, anger, disgust; the top 1,000 of each with a picture, and 100 votes or more.
PRESETS: Mapping[str, tuple[str, ...]] = {"duong": ("happy", "creepy", "rage", "gore")}
PRESET_VOTES = 100
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
GONE = ("[removed]", "[deleted]")


class Reddit:
    """Posts of subreddits.

    Args:
        subreddits: Without the r/.
        listing: `top` of all time, or `new`.
        min_votes: Posts with fewer are left out.
    """

    name, at_once = "reddit", 100

    def __init__(
        self, client: praw.Reddit, subreddits: Sequence[str] = (), listing: str = "top", min_votes: int | None = None
    ) -> None:
        self.client, self.listing, self.min_votes = client, listing, min_votes
        votes = f" from {min_votes} votes" if min_votes else ""
        names = [name.strip().removeprefix("/").removeprefix("r/").strip("/") for name in subreddits]
        self.queries = {f"r/{name} {listing}{votes}": name for name in names}
        if "" in names:
            raise CollectError(
                "reddit: a subreddit's name is empty; write it as in: feelscope collect posts.db reddit happy"
            )

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        after, count = (cursor["after"], cursor["count"]) if cursor else (None, 0)
        while True:
            raw, after = self.fetch(self.queries[query], after, count)
            count += len(raw)
            kept = [post for post in map(parse, raw) if self.min_votes is None or (post.votes or 0) >= self.min_votes]
            few = len(raw) - len(kept)
            notes = (f"{few} posts with fewer than {self.min_votes} votes, left out",) if few else ()
            done = after is None
            if done and not count:
                raise CollectError(f"reddit: r/{self.queries[query]} has no posts")
            yield Page(kept, {"after": after, "count": count}, notes, done)
            if done:
                return

    def fetch(self, subreddit: str, after: str | None, count: int) -> tuple[list[Mapping[str, Any]], str | None]:
        """Ask for one page of a listing; gives the raw posts and the place after them."""
        asked: dict[str, str | int] = {"limit": str(A_PAGE), "count": str(count), "raw_json": "1"}
        if self.listing == "top":
            asked["t"] = "all"
        if after:
            asked["after"] = after
        with _one_line(f"r/{subreddit}"):
            listing = self.client.get(f"r/{subreddit}/{self.listing}", params=asked)
            return [vars(post) for post in listing], listing.after

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """The ids of those posts, of at most 100, that Reddit still has."""
        with _one_line("the posts' ids"):
            # vars(): asking a PRAW object for what it lacks makes it ask Reddit
            found = [vars(post) for post in self.client.info(fullnames=[f"t3_{post.id}" for post in posts])]
        return {str(raw["id"]) for raw in found if not _is_gone(raw)}


def _is_gone(raw: Mapping[str, Any]) -> bool:
    """Whether a submission was deleted by its author or removed; Reddit keeps its place."""
    return raw.get("author") is None or bool(raw.get("removed_by_category")) or raw.get("selftext") in GONE


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
                if 200 <= answer.status < 300:
                    read_json(answer.content)  # prawcore's own reader knows no bottom
            except Passing as fault:  # prawcore tries again
                raise requests.ConnectionError(str(fault), request=request) from fault
            except Fault as fault:
                raise requests.RequestException(str(fault), request=request) from fault
            response = requests.Response()
            response.status_code, response.raw = answer.status, io.BytesIO(answer.content)
            response.headers.update(answer.headers.items())
            response.url, response.request = request.url, request
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


def parse(raw: Mapping[str, Any]) -> CollectedPost:
    """One submission, of the API or of a dump."""
    text, author = str(raw.get("selftext") or ""), str(raw.get("author") or "")
    score, created = raw.get("score"), raw.get("created_utc")
    pictures, permalink = images(raw), str(raw.get("permalink") or "")
    subreddit = str(raw.get("subreddit") or "")
    return CollectedPost(
        source="reddit",
        id=str(raw["id"]),
        created_at=int(float(created)) if created not in (None, "") else None,
        author="" if author in GONE else author,
        title=str(raw.get("title") or ""),
        text="" if text in GONE else text,
        url=f"https://www.reddit.com{permalink}" if permalink.startswith("/") else str(raw.get("url") or ""),
        image=pictures[0] if pictures else "",
        votes=int(score) if isinstance(score, int | float) else None,
        other={"subreddit": subreddit, **({"images": pictures} if len(pictures) > 1 else {})},
    )


def images(raw: Mapping[str, Any]) -> list[str]:
    """The addresses of a submission's pictures: a gallery's in its order, or the one it links to."""
    metadata = raw.get("media_metadata")
    if isinstance(metadata, Mapping) and metadata:
        gallery = raw.get("gallery_data")
        items = (gallery.get("items") or []) if isinstance(gallery, Mapping) else []
        order = [item.get("media_id") for item in items if isinstance(item, Mapping)]
        entries = [metadata.get(name) for name in order or metadata]
        sizes = [entry.get("s") for entry in entries if isinstance(entry, Mapping)]
        addresses = [size.get("u") or size.get("gif") for size in sizes if isinstance(size, Mapping)]
        return [str(address).replace("&amp;", "&") for address in addresses if address]
    address = raw.get("url_overridden_by_dest") or raw.get("url") or ""
    is_picture = raw.get("post_hint") == "image" or str(address).partition("?")[0].lower().endswith(PICTURES)
    return [str(address)] if is_address(address) and is_picture else []
