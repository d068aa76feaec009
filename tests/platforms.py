"""Platforms as their documentation describes them, on a server of this machine; with faults."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = Callable[["Handler", dict[str, str]], None]
KEY = "right-key"


@dataclass
class Platform:
    """What a server plays.

    Args:
        routes: Beginning of a path to what answers.
        faults: Number of the call, from 1, to what goes wrong with it.
        used_up: The headers of a 429.
    """

    routes: dict[str, Answer]
    faults: dict[int, str] = field(default_factory=dict)
    used_up: Callable[[], dict[str, str]] = lambda: {
        "X-Ratelimit-Perhour-Remaining": "0",
        "X-Ratelimit-Perhour-Reset": "1",
    }
    calls: int = 0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)


class Handler(BaseHTTPRequestHandler):
    server: "Server"

    def do_GET(self) -> None:
        self.answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.headers.get("Content-Type") == "application/json":
            self.answer(json.loads(body))
        else:
            self.answer({name: values[0] for name, values in parse_qs(body).items()})

    def answer(self, posted: dict[str, str]) -> None:
        platform = self.server.platform
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()} | posted
        with self.server.lock:
            platform.calls += 1
            number = platform.calls
            platform.asked.append((parts.path, query))
        fault = platform.faults.get(number, "")
        platform.counts[fault] += 1
        if fault == "429":
            self.say(429, {"meta": {"status": 429}}, platform.used_up())
        elif fault == "retry-after":
            self.say(429, {}, {"Retry-After": "1"})
        elif fault.isdigit():
            self.say(int(fault), {"meta": {"status": int(fault)}})
        elif fault == "html":
            self.raw(200, b"<html><body>Log in to the wireless network</body></html>")
        elif fault == "slow":
            time.sleep(1.5)
            self.say(200, {})
        elif fault == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b'{"response": [')
            self.close_connection = True
        elif fault == "redirect":
            self.say(302, {}, {"Location": "http://169.254.169.254/latest/meta-data"})
        else:
            route = next((play for start, play in platform.routes.items() if parts.path.startswith(start)), None)
            if route is None:
                self.say(404, {"meta": {"status": 404, "msg": "Not Found"}})
            else:
                route(self, {**query, "fault": fault})

    def say(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        self.raw(status, json.dumps(content).encode(), headers, "application/json")

    def raw(self, status: int, body: bytes, headers: dict[str, str] | None = None, kind: str = "text/html") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionResetError, BrokenPipeError):  # a client that was killed
            self.server.platform.counts["client gone"] += 1

    def log_message(self, *arguments: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    platform: Platform
    lock: threading.Lock


@contextmanager
def serve(platform: Platform, host: str = "127.0.0.1") -> Iterator[str]:
    """The address at which the platform answers."""
    server = Server((host, 0), Handler)
    server.platform, server.lock = platform, threading.Lock()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# Tumblr


def tumblr_post(number: int, at: int, tag: str = "happy", **more: Any) -> dict[str, Any]:
    """A post as `tagged` gives it; every third a legacy photo, every third legacy text, every third NPF."""
    common = {
        **{"id": number, "id_string": str(number), "timestamp": at, "tags": [tag, "cats"], "note_count": number % 50},
        **{"blog_name": f"blog{number % 7}", "post_url": f"https://blog{number % 7}.tumblr.com/post/{number}"},
    }
    picture = f"https://64.media.tumblr.com/{number}.jpg"
    if number % 3 == 0:
        photos = [{"original_size": {"url": picture}}, {"original_size": {"url": picture + "2"}}]
        kind: dict[str, Any] = {"type": "photo", "caption": f"<p>Caption &amp; {number}</p>", "photos": photos}
    elif number % 3 == 1:
        kind = {"type": "text", "title": f"Title {number}", "body": f"<p>Words {number}</p><p>and more</p>"}
    else:
        media = [{"url": picture, "width": 1280}, {"url": picture + "?small", "width": 500}]
        blocks = [{"type": "text", "text": f"Blocks {number}"}, {"type": "image", "media": media}]
        kind = {"type": "blocks", "original_type": "photo", "content": blocks, "trail": []}
    return {**common, **kind, **more}


def tumblr_video(number: int, at: int, **more: Any) -> dict[str, Any]:
    """A video without words."""
    content = [{"type": "video", "media": {"url": f"https://va.media.tumblr.com/{number}.mp4"}}]
    return tumblr_post(3 * number, at) | {
        **{"id": number, "id_string": str(number), "type": "blocks", "original_type": "video", "content": content},
        **{"trail": [], **more},
    }


def tumblr(posts: list[dict[str, Any]], page: int = 20) -> Platform:
    """Tumblr with these posts; faults of its own: empty, shuffled, newer, text, again."""

    def tagged(handler: Handler, query: dict[str, str]) -> None:
        if query.get("api_key") != KEY:
            handler.say(401, {"meta": {"status": 401, "msg": "Unauthorized"}})
            return
        before = int(query["before"])
        have = [post for post in posts if query["tag"] in post["tags"] and post["timestamp"] < before][:page]
        fault = query["fault"]
        if fault == "empty":
            have = []
        elif fault == "shuffled":
            have = have[::2] + have[1::2]
        elif fault == "newer":
            have = have[:-1] + [post for post in posts if post["timestamp"] >= before][-1:]
        elif fault == "again":
            have = have[: page // 2] * 2
        handler.say(200, {"meta": {"status": 200}, "response": "busy" if fault == "text" else have})

    def blog(handler: Handler, query: dict[str, str]) -> None:
        found = [post for post in posts if post["id_string"] == query["id"]]
        if found:
            handler.say(200, {"meta": {"status": 200}, "response": {"posts": found}})
        else:
            handler.say(404, {"meta": {"status": 404, "msg": "Not Found"}, "response": []})

    return Platform({"/v2/tagged": tagged, "/v2/blog/": blog})


# Reddit


def submission(number: int, subreddit: str = "happy", **more: Any) -> dict[str, Any]:
    """A submission as a listing and a dump have it."""
    return {
        **{"id": f"p{number}", "name": f"t3_p{number}", "title": f"Title {number}", "selftext": f"Text {number}"},
        **{"author": f"user{number % 5}", "score": 2000 - number, "ups": 2000 - number, "subreddit": subreddit},
        **{"created_utc": 1_400_000_000.0 + number, "permalink": f"/r/{subreddit}/comments/p{number}/title/"},
        **{"url": f"https://i.redd.it/{number}.jpg", "is_self": False, **more},
    }


def reddit(posts: list[dict[str, Any]]) -> Platform:
    """Reddit with these submissions; a listing ends after 1,000."""

    def token(handler: Handler, query: dict[str, str]) -> None:
        import base64

        given = base64.b64decode((handler.headers.get("Authorization") or "Basic ").split()[1]).decode()
        if not given.endswith(f":{KEY}"):
            handler.say(401, {"message": "Unauthorized", "error": 401})
            return
        handler.say(200, {"access_token": "token", "token_type": "bearer", "expires_in": 3600, "scope": "*"})

    def listing(handler: Handler, query: dict[str, str]) -> None:
        subreddit = urlsplit(handler.path).path.split("/")[2]
        if subreddit == "private":
            handler.say(403, {"reason": "private", "error": 403})
            return
        have = [post for post in posts if post["subreddit"] == subreddit][:1000]
        if not have:
            handler.say(404, {"message": "Not Found", "error": 404})
            return
        names = [post["name"] for post in have]
        start = names.index(query["after"]) + 1 if "after" in query else 0
        size = int(query["limit"])
        page = have[start : start + size]
        after = page[-1]["name"] if start + size < len(have) else None
        headers = {"x-ratelimit-remaining": "90", "x-ratelimit-used": "10", "x-ratelimit-reset": "30"}
        children = [{"kind": "t3", "data": post} for post in page]
        handler.say(200, {"kind": "Listing", "data": {"after": after, "before": None, "children": children}}, headers)

    def info(handler: Handler, query: dict[str, str]) -> None:
        wanted = query["id"].split(",")
        children = [{"kind": "t3", "data": post} for post in posts if post["name"] in wanted]
        handler.say(200, {"kind": "Listing", "data": {"after": None, "before": None, "children": children}})

    return Platform({"/api/v1/access_token": token, "/r/": listing, "/api/info": info})


# Flickr


def photo(number: int, uploaded: int, **more: Any) -> dict[str, Any]:
    """A photo as `photos.search` gives it."""
    return {
        **{"id": str(number), "owner": f"{number % 5}@N00", "title": f"Photo {number}", "license": str(number % 11)},
        **{"description": {"_content": f"A <b>long</b> walk {number}"}, "dateupload": str(uploaded)},
        **{"tags": "sunset sea", "url_c": f"https://live.staticflickr.com/1/{number}_a_c.jpg", **more},
    }


def flickr(photos: list[dict[str, Any]]) -> Platform:
    """Flickr with these photos; a search repeats itself beyond 4,000."""

    def rest(handler: Handler, query: dict[str, str]) -> None:
        if query.get("api_key") != KEY:
            handler.say(200, {"stat": "fail", "code": 100, "message": "Invalid API Key (Key has invalid format)"})
        elif query["method"] == "flickr.photos.search":
            since, until = int(query["min_upload_date"]), int(query["max_upload_date"])
            have = [one for one in photos if since <= int(one["dateupload"]) <= until]
            have.sort(key=lambda one: -int(one["dateupload"]))
            words = query.get("text") or query.get("tags")
            have = have if words in ("sunset", "sea") else []
            size, page = int(query["per_page"]), int(query["page"])
            reach = have[:4000]
            start = (page - 1) * size % max(len(reach), 1)
            result = {"page": page, "pages": -(-len(have) // size), "perpage": size, "total": len(have)}
            handler.say(200, {"photos": {**result, "photo": reach[start : start + size]}, "stat": "ok"})
        else:
            found = next((one for one in photos if one["id"] == query["photo_id"]), None)
            if found is None:
                handler.say(200, {"stat": "fail", "code": 1, "message": "Photo not found"})
                return
            tags = {"tag": [{"raw": "Sun Set"}, {"raw": "sea"}]}
            info = {
                **{"id": found["id"], "secret": "abc", "server": "65535", "license": found["license"], "tags": tags},
                **{"owner": {"nsid": found["owner"]}, "title": {"_content": found["title"]}},
                **{"description": found["description"], "dateuploaded": found["dateupload"]},
            }
            handler.say(200, {"photo": info, "stat": "ok"})

    return Platform({"/services/rest/": rest})


# YouTube

VIDEO, CHANNEL = "dQw4w9WgXcQ", "UC" + "c" * 22


def comment(number: int, at: int, video: str = VIDEO, *, parent: str = "", **more: Any) -> dict[str, Any]:
    """A comment, or a reply to one."""
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    snippet = {
        **{"channelId": CHANNEL, "videoId": video, "textDisplay": f"Words {number}", "textOriginal": f"Words {number}"},
        **{"authorDisplayName": f"@user{number % 7}", "authorChannelId": {"value": f"UC{number % 7:022}"}},
        **{"authorProfileImageUrl": "https://yt3.ggpht.com/a", "canRate": True, "viewerRating": "none"},
        **{"likeCount": number % 50, "publishedAt": when, "updatedAt": when, **more},
    }
    id = f"Ug{number:08}"
    if parent:
        return {"kind": "youtube#comment", "id": f"{parent}.{id}", "snippet": {**snippet, "parentId": parent}}
    return {"kind": "youtube#comment", "id": id, "snippet": snippet}


def said_no(handler: Handler, status: int, reason: str, said: str = "No.") -> None:
    """A refusal as Google's APIs write it."""
    errors = [{"message": said, "domain": "youtube.commentThread", "reason": reason}]
    handler.say(status, {"error": {"code": status, "message": said, "errors": errors}})


def youtube(
    comments: list[dict[str, Any]],
    replies: list[dict[str, Any]] = (),  # type: ignore[assignment]
    found: tuple[str, ...] = (VIDEO,),
    disabled: tuple[str, ...] = (),
) -> Platform:
    """YouTube with these comments and videos; faults of its own: empty, shuffled, again, quota, fast, token, moved."""

    def answered(handler: Handler, query: dict[str, str]) -> bool:
        if query.get("key") != KEY:
            details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
            error = {"code": 400, "message": "API key not valid. Please pass a valid API key.", "details": details}
            handler.say(400, {"error": {**error, "errors": [{"reason": "badRequest"}]}})
        elif query["fault"] == "quota":
            said_no(handler, 403, "quotaExceeded", 'The request cannot be completed: <a href="/y">quota</a>.')
        elif query["fault"] == "fast":
            said_no(handler, 403, "rateLimitExceeded")
        elif query["fault"] == "token" and query.get("pageToken"):
            said_no(handler, 400, "invalidPageToken")
        else:
            return False
        return True

    def page(handler: Handler, query: dict[str, str], have: list[Any], kind: str) -> None:
        size, token = int(query.get("maxResults", 20)), query.get("pageToken", "")
        start = next((n for n, one in enumerate(have) if one["id"] >= token), len(have))
        part, following = have[start : start + size], have[start + size : start + size + 1]
        if query["fault"] == "empty" and part:
            part, following = [], part[:1]
        elif query["fault"] == "shuffled":
            part = part[::2] + part[1::2]
        elif query["fault"] == "again":
            part = part + part[:5]
        more = {"nextPageToken": following[0]["id"]} if following else {}
        handler.say(200, {"kind": f"youtube#{kind}ListResponse", "items": part, **more})

    def threads(handler: Handler, query: dict[str, str]) -> None:
        if answered(handler, query):
            return
        video = query.get("videoId", "")
        if video in disabled:
            said_no(handler, 403, "commentsDisabled", "The video has disabled comments.")
            return
        if video and video not in {*found, *(one["snippet"]["videoId"] for one in comments)}:
            said_no(handler, 404, "videoNotFound", "The video identified by the videoId parameter could not be found.")
            return
        assert video or query["allThreadsRelatedToChannelId"]
        have = []
        for one in comments:
            if video in ("", one["snippet"]["videoId"]):
                under = [reply for reply in replies if reply["snippet"]["parentId"] == one["id"]]
                snippet = {"videoId": one["snippet"]["videoId"], "topLevelComment": one, "totalReplyCount": len(under)}
                thread = {"kind": "youtube#commentThread", "id": one["id"], "snippet": snippet}
                have.append(thread | ({"replies": {"comments": under[:5]}} if under else {}))
        page(handler, query, have, "commentThread")

    def some(handler: Handler, query: dict[str, str]) -> None:
        if answered(handler, query):
            return
        if "id" in query:
            ids = query["id"].split(",")
            assert len(ids) <= 50
            named = [one for one in [*comments, *replies] if one["id"] in ids]
            short = [one | {"snippet": {k: v for k, v in one["snippet"].items() if k != "videoId"}} for one in named]
            handler.say(200, {"items": [] if query["fault"] == "empty" else short})
            return
        page(handler, query, [one for one in replies if one["snippet"]["parentId"] == query["parentId"]], "comment")

    def search(handler: Handler, query: dict[str, str]) -> None:
        if not answered(handler, query):
            have = [{"id": {"kind": "youtube#video", "videoId": id}} for id in found]
            size, start = int(query["maxResults"]), int(query.get("pageToken", 0))
            more = {"nextPageToken": str(start + size)} if start + size < len(have) else {}
            handler.say(200, {"items": have[start : start + size] if query["q"] != "nothing" else [], **more})

    def channels(handler: Handler, query: dict[str, str]) -> None:
        if not answered(handler, query):
            handler.say(200, {"items": [{"id": CHANNEL}] if query["forHandle"] == "@garden" else []})

    routes = {"commentThreads": threads, "comments": some, "search": search, "channels": channels}
    return Platform({f"/youtube/v3/{name}": route for name, route in routes.items()})
