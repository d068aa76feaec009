"""Bluesky and Mastodon as their documentation describes them, played by the server of `platforms.py`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from platforms import KEY, Handler, Platform

Post = dict[str, Any]
WINDOW = {"until": "9999-01-01T00:00:00Z", "since": "0001-01-01T00:00:00Z"}


def iso_millis(seconds: float) -> str:
    """A time as both networks write it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def listed(handler: Handler, name: str) -> list[str]:
    """All values of a parameter that may come more than once."""
    return parse_qs(urlsplit(handler.path).query).get(name, [])


def disturbed(posts: list[Any], fault: str, page: int) -> list[Any]:
    """An answer's posts as a server in a bad moment gives them."""
    if fault == "shuffled":
        return posts[::2] + posts[1::2]
    if fault == "again":
        return posts[: page // 2] * 2
    return [] if fault == "empty" else posts


# Bluesky


def bluesky_post(number: int, at: float, tag: str = "happy", **more: Any) -> Post:
    """A post as `searchPosts` gives it; every third with two pictures, every third a quote or a reply."""
    did = f"did:plc:author{number % 7}"
    record: Post = {
        **{"$type": "app.bsky.feed.post", "text": f"Words {number} #{tag}", "createdAt": iso_millis(at)},
        **{"langs": ["en"] if number % 2 else ["en", "de"]},
        "facets": [{"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": tag}]}],
    }
    post: Post = {
        **{"uri": f"at://{did}/app.bsky.feed.post/{number}", "cid": f"bafy{number}", "record": record, "labels": []},
        "author": {"did": did, "handle": f"author{number % 7}.bsky.social", "labels": []},
        **{"likeCount": number % 50, "indexedAt": iso_millis(at + 1)},
    }
    if number % 3 == 0:
        pictures = [f"https://cdn.bsky.app/img/feed_fullsize/{number}-{place}@jpeg" for place in (1, 2)]
        images = [{"fullsize": one, "thumb": one, "alt": f"A cat {number}"} for one in pictures]
        post["embed"] = {"$type": "app.bsky.embed.images#view", "images": images}
    elif number % 6 == 1:
        quoted = {"$type": "app.bsky.embed.record#viewRecord", "uri": "at://did:plc:q/app.bsky.feed.post/1"}
        post["embed"] = {"$type": "app.bsky.embed.record#view", "record": quoted}
    elif number % 6 == 2:
        record["reply"] = {"root": {"uri": "at://did:plc:q/app.bsky.feed.post/1"}, "parent": {}}
    return {**post, **more}


def _sort_at(post: Post) -> datetime:
    return min(map(datetime.fromisoformat, (post["record"]["createdAt"], post["indexedAt"])))


def bluesky(
    posts: list[Post], feed: list[Post] | None = None, *, open_search: bool = True, lasts: int = 10**9
) -> Platform:
    """Bluesky with these posts; faults of its own: empty, shuffled, again.

    Args:
        posts: Newest first.
        feed: The items of the feed "best" and of the account reposter.bsky.social.
        open_search: Whether the first page of a search is for everybody.
        lasts: Calls until a login expires.
    """
    tokens: dict[str, int] = {}

    def login(handler: Handler, query: dict[str, str]) -> None:
        if query.get("password") != KEY:
            handler.say(401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"})
            return
        token = f"token-{len(tokens)}"
        tokens[token] = lasts
        handler.say(200, {"accessJwt": token, "refreshJwt": "r", "did": "did:plc:me", "handle": query["identifier"]})

    def is_in(handler: Handler) -> bool | None:
        """Whether somebody is logged in; None for a login that has expired, which is answered here."""
        token = (handler.headers.get("Authorization") or "").removeprefix("Bearer ")
        if not token:
            return False
        tokens[token] -= 1
        if tokens[token] < 0:
            handler.say(400, {"error": "ExpiredToken", "message": "Token has expired"})
            return None
        return True

    def search(handler: Handler, query: dict[str, str]) -> None:
        knows = is_in(handler)
        if knows is None:
            return
        if not knows and (not open_search or "cursor" in query):
            handler.raw(403, b"<html>403 Forbidden: Request forbidden by administrative rules.</html>")
            return
        have = [post for post in posts if query["q"].lower() in post["record"]["text"].lower()]
        until, since = (datetime.fromisoformat(query.get(name, year)) for name, year in WINDOW.items())
        have = [post for post in have if since <= _sort_at(post) < until][: int(query["limit"])]
        handler.say(200, {"posts": disturbed(have, query["fault"], len(have)), "cursor": str(len(have))})

    def page(handler: Handler, query: dict[str, str], items: list[Post]) -> None:
        if is_in(handler) is None:
            return
        begin, size = int(query.get("cursor", "0").partition("::")[0]), int(query["limit"])
        have = items[begin : begin + size]
        end = begin + len(have)
        more = {"cursor": f"{end}::bafy"} if end < len(items) and query["fault"] != "empty" else {}
        handler.say(200, {"feed": disturbed(have, query["fault"], size), **more})

    def author_feed(handler: Handler, query: dict[str, str]) -> None:
        actor = query["actor"]
        have = [{"post": post} for post in posts if actor in (post["author"]["handle"], post["author"]["did"])]
        if actor == "reposter.bsky.social":
            have = feed or []
        elif not have and not actor.startswith("empty"):
            handler.say(400, {"error": "InvalidRequest", "message": "Profile not found"})
            return
        page(handler, query, have)

    def get_feed(handler: Handler, query: dict[str, str]) -> None:
        if query["feed"] != "at://did:plc:maker/app.bsky.feed.generator/best":
            handler.say(400, {"error": "UnknownFeed", "message": "could not find feed"})
            return
        page(handler, query, feed or [])

    def get_posts(handler: Handler, query: dict[str, str]) -> None:
        uris = listed(handler, "uris")
        if len(uris) > 25:
            handler.say(400, {"error": "InvalidRequest", "message": "uris must not have more than 25 elements"})
            return
        found = [post for post in posts if post["uri"] in uris]
        handler.say(200, {"posts": disturbed(found, query["fault"], len(found))})

    def resolve(handler: Handler, query: dict[str, str]) -> None:
        if query["handle"] == "maker.bsky.social":
            handler.say(200, {"did": "did:plc:maker"})
        else:
            handler.say(400, {"error": "InvalidRequest", "message": "Unable to resolve handle"})

    def used_up() -> dict[str, str]:
        return {"RateLimit-Limit": "3000", "RateLimit-Remaining": "0", "RateLimit-Reset": str(int(time.time()) + 1)}

    feeds = "/xrpc/app.bsky.feed."
    routes: dict[str, Callable[[Handler, dict[str, str]], None]] = {
        **{f"{feeds}searchPosts": search, f"{feeds}getAuthorFeed": author_feed, f"{feeds}getFeed": get_feed},
        **{f"{feeds}getPosts": get_posts, "/xrpc/com.atproto.identity.resolveHandle": resolve},
        "/xrpc/com.atproto.server.createSession": login,
    }
    return Platform(routes, used_up=used_up)


# Mastodon


def status(number: int, at: float, tag: str = "happy", **more: Any) -> Post:
    """A status; of one moment, that of a lower number is newer. Every third has two pictures, every third a warning."""
    name = f"author{number % 7}"
    far = f"https://far.example/users/{name}"
    media = [
        {"type": "image", "url": f"https://files.far.example/{number}-{place}.png", "description": f"A cat {number}"}
        for place in (1, 2)
    ]
    return {
        **{
            "id": str((int(at * 1000) << 16) + 2**15 - number),
            "created_at": iso_millis(at),
            "edited_at": None,
            "visibility": "public",
        },
        **{"uri": f"{far}/statuses/{number}", "url": f"https://far.example/@{name}/{number}", "language": "en"},
        "content": f'<p>Words {number} :blobcat:<br>&amp; more <a href="https://x/tags/{tag}">#<span>{tag}</span></a></p>',
        **{"spoiler_text": f"mood {number} <3" if number % 3 == 1 else "", "sensitive": number % 3 == 1},
        **{"media_attachments": media if number % 3 == 0 else [], "tags": [{"name": tag, "url": f"https://x/{tag}"}]},
        **{"emojis": [{"shortcode": "blobcat", "url": "https://x/blobcat.png"}], "reblog": None, "poll": None},
        **{"in_reply_to_id": "7" if number % 3 == 2 else None, "favourites_count": number % 50, "replies_count": 0},
        "account": account(name, uri=far),
        **more,
    }


def account(name: str, **more: Any) -> Post:
    """Somebody who says nothing against being collected."""
    said: Post = {"id": f"9{len(name)}{ord(name[-1])}", "username": name, "acct": f"{name}@far.example", "bot": False}
    return {**said, "note": "<p>I like cats</p>", "fields": [], "discoverable": True, "indexable": True, **more}


def mastodon(statuses: list[Post], *, index: bool = True, closed: str = "") -> Platform:
    """A server with these statuses; faults of its own: empty, shuffled, again.

    Args:
        statuses: Newest first.
        index: Whether it answers for several statuses at once, as from 4.3 on.
        closed: What it shows to nobody who is not logged in: `all` of its timelines, or the posts of `others`.
    """

    def page(handler: Handler, query: dict[str, str], have: list[Post], path: str) -> None:
        if closed and (closed == "all" or query.get("local") != "true"):
            handler.say(401, {"error": "This method requires an authenticated user"})
            return
        below, size = int(query.get("max_id", 10**19)), min(int(query["limit"]), 40)
        have = [one for one in have if int(one["id"]) < below][:size]
        have = disturbed(have, query["fault"], size)
        headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "299"}
        headers["X-RateLimit-Reset"] = iso_millis(time.time() + 300)
        if have:
            next_page = f'<https://x{path}?limit={size}&max_id={have[-1]["id"]}>; rel="next"'
            headers["Link"] = f'{next_page}, <https://x{path}?min_id={have[0]["id"]}>; rel="prev"'
        handler.say(200, have, headers)

    def tag(handler: Handler, query: dict[str, str]) -> None:
        path = urlsplit(handler.path).path
        name = path.rsplit("/", 1)[1]
        page(handler, query, [one for one in statuses if name in [tag["name"] for tag in one["tags"]]], path)

    def lookup(handler: Handler, query: dict[str, str]) -> None:
        known = {one["account"]["username"]: one["account"] for one in statuses}
        found = known.get(query["acct"].partition("@")[0])
        handler.say(200 if found else 404, found or {"error": "Record not found"})

    def of_account(handler: Handler, query: dict[str, str]) -> None:
        path = urlsplit(handler.path).path
        page(handler, query, [one for one in statuses if one["account"]["id"] == path.split("/")[4]], path)

    def shown(handler: Handler, query: dict[str, str]) -> None:
        number = urlsplit(handler.path).path.removeprefix("/api/v1/statuses").strip("/")
        ids = [number] if number else listed(handler, "id[]")
        found = [one for one in statuses if one["id"] in ids]
        if (number and not found) or not (number or index):
            handler.say(404, {"error": "Record not found"})
        elif len(ids) > 20:
            handler.say(422, {"error": "Validation failed"})
        else:
            handler.say(200, found[0] if number else disturbed(found, query["fault"], len(found)))

    def used_up() -> dict[str, str]:
        reset = iso_millis(time.time() + 1)
        return {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}

    routes: dict[str, Callable[[Handler, dict[str, str]], None]] = {
        **{"/api/v1/timelines/tag/": tag, "/api/v1/accounts/lookup": lookup, "/api/v1/accounts/": of_account},
        "/api/v1/statuses": shown,
        "/api/v1/instance": lambda handler, query: handler.say(200, {"version": "4.3.0"}),
    }
    return Platform(routes, used_up=used_up)
