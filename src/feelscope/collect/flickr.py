"""Flickr: photos with words and dates, and the words for a set of photos that has labels only.

Source: Flickr API, `photos.search` and `photos.getInfo`; Duong et al. 2017, 5.2, for enriching a labelled set.
A search gives 4,000 photos and then repeats itself, so a longer one is split by upload date.
"""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from feelscope.collect.api import Api
from feelscope.errors import CollectError
from feelscope.store import CollectedPost, Page
from feelscope.table import BadRow
from feelscope.table.posts import open_rows
from feelscope.text.html import is_address, read_html
from feelscope.web.client import Passing

ADDRESS = "https://www.flickr.com"
KEY = "FLICKR_API_KEY"
A_PAGE = 500  # photos, the most that a search gives
MOST = 4000  # photos of one search before it repeats itself
BIRTH = 1_076_371_200  # 10 February 2004: Flickr opens
MIN_WORDS = 5  # title and description have more; Duong et al. 2017, 5.2
EXTRAS = "description,license,date_upload,owner_name,tags,url_c,url_z,url_l,url_m,media"
SIZES = ("url_c", "url_z", "url_l", "url_m")  # 800, 640, 1024 and 500 pixels on the longer side
LICENCES = (  # flickr.photos.licenses.getInfo
    *("All Rights Reserved", "CC BY-NC-SA 2.0", "CC BY-NC 2.0", "CC BY-NC-ND 2.0", "CC BY 2.0", "CC BY-SA 2.0"),
    *("CC BY-ND 2.0", "No known copyright restrictions", "United States Government Work", "CC0 1.0"),
    *("Public Domain Mark 1.0", "CC BY 4.0", "CC BY-SA 4.0", "CC BY-ND 4.0", "CC BY-NC 4.0", "CC BY-NC-SA 4.0"),
    "CC BY-NC-ND 4.0",
)
GONE, REFUSED, BUSY = (1, 2), (100,), (10, 105, 106)  # codes of `stat: fail`


class _Flickr:
    """What a search and a list of photos share."""

    name, at_once = "flickr", 1

    def __init__(self, api: Api) -> None:
        self.api = api

    def ask(self, method: str, **parameters: str | int) -> Mapping[str, Any] | None:
        """Call a method; None where the photo is gone.

        Raises:
            CollectError: The key is refused, or Flickr says something else that is no answer.
        """

        def read(answer: Any) -> Mapping[str, Any] | None:
            if not isinstance(answer, Mapping):
                raise CollectError(f"flickr: expected an object and got {str(answer)[:60]!r}")
            code, said = answer.get("code"), str(answer.get("message"))[:120]
            if answer.get("stat") == "ok":
                return answer
            if code in GONE and method == "photos.getInfo":
                return None
            if code in BUSY:
                raise Passing(f"the call is refused ({code}: {said})")
            if code in REFUSED:
                raise CollectError(f"flickr: the key is refused ({said}); {self.api.key_hint}")
            raise CollectError(f"flickr: the call is refused ({code}: {said})")

        fixed: dict[str, str | int] = {"method": f"flickr.{method}", "format": "json", "nojsoncallback": 1}
        return self.api.get("/services/rest/", fixed | parameters, read)

    def still_there(self, posts: Sequence[CollectedPost]) -> set[str]:
        """The ids of those photos, one at a time, that can still be seen."""
        (post,) = posts
        return set() if self.ask("photos.getInfo", photo_id=post.id) is None else {post.id}


class FlickrSearch(_Flickr):
    """Photos found by words, the newest first.

    Args:
        searches: Words; one that begins with # is a tag.
        before, after: Upload dates, Unix seconds; by default now, and the day Flickr opened.
    """

    def __init__(
        self, api: Api, searches: Sequence[str] = (), before: int | None = None, after: int | None = None
    ) -> None:
        super().__init__(api)
        self.before = int(time.time()) if before is None else before
        self.after = BIRTH if after is None else after
        window = f"{f' before {before}' if before else ''}{f' after {after}' if after else ''}"
        self.queries = {f"{words.strip()}{window}": words.strip() for words in searches}
        if not all(words.strip("# ") for words in self.queries.values()):
            raise CollectError("flickr: the words to search for are empty")

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        state = dict(cursor or {"windows": [[self.after, self.before]], "page": 1, "seen": 0})
        while state["windows"]:
            since, until = state["windows"][0]
            answer = self.fetch(self.queries[query], since, until, state["page"])
            posts, pages, total = parse(answer)
            notes: tuple[str, ...] = ()
            if total > MOST and until > since:
                middle = (since + until) // 2  # the newer half first
                state = {**state, "windows": [[middle + 1, until], [since, middle], *state["windows"][1:]], "page": 1}
                continue  # its posts come again with the halves
            if total > MOST:
                notes = (f"{total:,} photos of one second, only {MOST:,} of them can be had",)
            last = state["page"] >= min(pages, MOST // A_PAGE) or not posts
            windows = state["windows"][1:] if last else state["windows"]
            state = {"windows": windows, "page": 1 if last else state["page"] + 1, "seen": state["seen"] + len(posts)}
            if not windows and not state["seen"]:
                raise CollectError(f"flickr: nothing is found for {self.queries[query]!r}")
            yield Page(posts, state, notes, done=not windows)

    def fetch(self, words: str, since: int, until: int, page: int) -> Mapping[str, Any]:
        """Ask for one page of photos uploaded in a time; gives the raw answer."""
        field = {"tags": words.lstrip("# ")} if words.startswith("#") else {"text": words}
        window: dict[str, str | int] = {"min_upload_date": since, "max_upload_date": until, "page": page}
        fixed = {"sort": "date-posted-desc", "extras": EXTRAS, "content_types": "0", "media": "photos"}
        answer = self.ask("photos.search", **field, **window, **fixed, per_page=A_PAGE)
        assert answer is not None
        return answer


def parse(answer: Mapping[str, Any]) -> tuple[list[CollectedPost], int, int]:
    """The photos of a search's answer, and how many pages and photos there are."""
    photos = answer.get("photos")
    if not isinstance(photos, Mapping) or not isinstance(photos.get("photo"), list):
        raise CollectError(f"flickr: expected photos and got {str(answer)[:80]!r}")
    try:
        posts = [_parse_photo(photo) for photo in photos["photo"] if isinstance(photo, Mapping) and photo.get("id")]
        return posts, int(photos.get("pages") or 0), int(photos.get("total") or 0)
    except (TypeError, ValueError) as error:
        raise CollectError(f"flickr: expected photos and got {str(answer)[:80]!r}") from error


def _parse_photo(photo: Mapping[str, Any]) -> CollectedPost:
    """A photo as a search gives it, or as `photos.getInfo` does, with one more level of names."""
    owner, tags = photo.get("owner") or "", photo.get("tags") or ""
    owner = owner.get("nsid") or "" if isinstance(owner, Mapping) else owner
    uploaded = str(photo.get("dateupload") or photo.get("dateuploaded") or "")
    if isinstance(tags, Mapping):
        tags = [str(tag.get("raw")) for tag in tags.get("tag") or () if isinstance(tag, Mapping)]
    return CollectedPost(
        source="flickr",
        id=str(photo["id"]),
        created_at=int(uploaded) if uploaded.isdecimal() else None,
        author=str(owner),
        title=_content(photo.get("title")),
        text=read_html(_content(photo.get("description")))[0],
        tags=tuple(tags.split() if isinstance(tags, str) else tags),
        url=f"https://www.flickr.com/photos/{owner}/{photo['id']}",
        image=next((str(photo[size]) for size in SIZES if is_address(photo.get(size))), _static(photo)),
        licence=_licence(photo.get("license")),
    )


def _content(value: object) -> str:
    return str(value.get("_content") or "") if isinstance(value, Mapping) else str(value or "")


def _static(photo: Mapping[str, Any]) -> str:
    """A photo's address from its parts; 800 pixels on the longer side."""
    if not (photo.get("server") and photo.get("secret")):
        return ""
    return f"https://live.staticflickr.com/{photo['server']}/{photo['id']}_{photo['secret']}_c.jpg"


def _licence(value: object) -> str:
    number = str(value if value is not None else "")
    return LICENCES[int(number)] if number.isdecimal() and int(number) < len(LICENCES) else number


class FlickrIds(_Flickr):
    """The photos of a labelled set, with their title and description.

    Kept are photos on whose emotion the majority of the raters agree, and whose title and description together have
    more than five words.

    Args:
        file: A table with a column `id` or `url` and `emotion`; and either `agree` and `disagree`, or one row for
            each rater. Without either every label is taken as agreed on.
    """

    def __init__(self, api: Api, file: Path) -> None:
        super().__init__(api)
        self.queries, self.agreed = [f"ids of {file.resolve()}"], agreed(file)

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        done = cursor["place"] if cursor else 0
        for place, id in enumerate([*self.agreed][done:], done + 1):
            posts, note = self._photo(id)
            yield Page(posts, {"place": place}, note, done=place == len(self.agreed))

    def _photo(self, id: str) -> tuple[list[CollectedPost], tuple[str, ...]]:
        """A photo with its label, or why there is none."""
        answer = self.ask("photos.getInfo", photo_id=id)
        if answer is None:
            return [], (f"photo {id} is gone",)
        photo = answer.get("photo")
        if not isinstance(photo, Mapping) or not photo.get("id"):
            raise CollectError(f"flickr: expected a photo and got {str(answer)[:80]!r}")
        post = _parse_photo(photo)
        if len(f"{post.title} {post.text}".split()) <= MIN_WORDS:
            return [], (f"photo {id} has {MIN_WORDS} words or fewer",)
        emotion, votes = self.agreed[id]
        return [replace(post, votes=votes, other={"emotion": emotion})], ()


def agreed(file: Path) -> dict[str, tuple[str, int]]:
    """The photos of a labelled set on whose emotion most raters agree.

    Returns:
        Photo id to its emotion and how many raters agree on it, in the file's order.

    Raises:
        CollectError: The file has no such columns, or nobody agrees on anything.
    """
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    against: Counter[str] = Counter()
    for number, row in enumerate(open_rows(file), 1):
        if isinstance(row, BadRow):
            continue
        named = {str(name).strip().lower(): str(value).strip() for name, value in row.items() if value is not None}
        id = photo_id(named.get("id") or named.get("photo_id") or named.get("url") or "")
        emotion = named.get("emotion") or named.get("label") or ""
        if not {"emotion", "label"} & named.keys() or not {"id", "photo_id", "url"} & named.keys():
            raise CollectError(f"{file}: expected columns id (or url) and emotion; it has {', '.join(named)}")
        if not id or not emotion:
            raise CollectError(f"{file}, row {number}: no photo id or no emotion in it")
        for_it, against_it = named.get("agree", "1"), named.get("disagree", "0")
        if not (for_it.isdecimal() and against_it.isdecimal()):
            raise CollectError(f"{file}, row {number}: agree and disagree are numbers of raters, found {for_it!r}")
        votes[id][emotion] += int(for_it)
        against[id] += int(against_it)
    first = {id: counts.most_common(1)[0] for id, counts in votes.items()}
    kept = {id: (emotion, n) for id, (emotion, n) in first.items() if 2 * n > votes[id].total() + against[id]}
    if not kept:
        raise CollectError(f"{file}: there is no photo on whose emotion the majority of raters agree")
    return kept


def photo_id(text: str) -> str:
    """A photo's number from itself or from an address of its page or picture; empty where there is none."""
    if text.isdigit():
        return text
    found = re.search(r"/(\d+)_[0-9a-f]+", text) or re.search(r"/photos/[^/]+/(\d+)", text)
    return found[1] if found else ""
