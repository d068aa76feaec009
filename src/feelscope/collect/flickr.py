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
from feelscope.collect.entry import Entry, Opened, Opening
from feelscope.collect.job import Job
from feelscope.collect.plan import Plan, of_calls
from feelscope.collect.quota import Quota
from feelscope.collect.rows import identity, listed, place, read_post, read_posts, seconds
from feelscope.errors import CollectError
from feelscope.store import CollectedPost, Page, WebAddress
from feelscope.table import BadRow, Quarantine
from feelscope.table.layouts.record import text_of
from feelscope.table.opening import open_rows
from feelscope.text.html import is_address, read_html
from feelscope.web.client import Passing

ADDRESS = "https://www.flickr.com"
KEY = "FLICKR_API_KEY"
QUOTAS = (Quota(3600, 3600),)  # developer guide, per key
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

    def __init__(self, api: Api, quarantine: Quarantine | None = None) -> None:
        self.api, self.quarantine = api, Quarantine() if quarantine is None else quarantine

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
        self,
        api: Api,
        searches: Sequence[str] = (),
        before: int | None = None,
        after: int | None = None,
        quarantine: Quarantine | None = None,
    ) -> None:
        super().__init__(api, quarantine)
        self.before = before
        self.after = BIRTH if after is None else after
        window = f"{f' before {before}' if before else ''}{f' after {after}' if after else ''}"
        self.queries = {f"{search.strip()}{window}": search.strip() for search in searches}
        if not all(search.strip("# ") for search in self.queries.values()):
            raise CollectError("flickr: the words to search for are empty")

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        before = int(time.time()) if self.before is None else self.before
        state = place(cursor, {"windows": [[self.after, before]], "page": 1, "seen": 0})
        while state["windows"]:
            since, until = _window(state["windows"][0])
            answer = self.fetch(self.queries[query], since, until, state["page"])
            photos, pages, total = parse(answer)
            notes: tuple[str, ...] = ()
            if total > MOST and until > since:
                middle = (since + until) // 2  # the newer half first
                state = {**state, "windows": [[middle + 1, until], [since, middle], *state["windows"][1:]], "page": 1}
                continue  # its posts come again with the halves
            posts = read_posts(photos, _parse_photo, self.quarantine, f"{self.name} {query}")
            if total > MOST:
                notes = (f"{total:,} photos of one second, only {MOST:,} of them can be had",)
            last = state["page"] >= min(pages, MOST // A_PAGE) or not photos
            windows = state["windows"][1:] if last else state["windows"]
            state = {"windows": windows, "page": 1 if last else state["page"] + 1, "seen": state["seen"] + len(photos)}
            if not windows and not state["seen"]:
                raise CollectError(f"flickr: nothing is found for {self.queries[query]!r}")
            yield Page(posts, state, notes, done=not windows)

    def fetch(self, search: str, since: int, until: int, page: int) -> Mapping[str, Any]:
        """Ask for one page of photos uploaded in a time; gives the raw answer."""
        field = {"tags": search.lstrip("# ")} if search.startswith("#") else {"text": search}
        window: dict[str, str | int] = {"min_upload_date": since, "max_upload_date": until, "page": page}
        fixed = {"sort": "date-posted-desc", "extras": EXTRAS, "content_types": "0", "media": "photos"}
        answer = self.ask("photos.search", **field, **window, **fixed, per_page=A_PAGE)
        assert answer is not None
        return answer


def _window(window: object) -> tuple[int, int]:
    """A span of time of a cursor."""
    match window:
        case [int(since), int(until)]:
            return since, until
    raise CollectError("flickr: the database does not say where to continue; start at the top with --restart")


def parse(answer: Mapping[str, Any]) -> tuple[list[Any], int, int]:
    """The photos of a search's answer as they are, and how many pages and photos there are."""
    found = answer.get("photos")
    photos = found.get("photo") if isinstance(found, Mapping) else None
    try:
        if isinstance(found, Mapping) and isinstance(photos, list):
            return photos, int(found.get("pages") or 0), int(found.get("total") or 0)
    except (TypeError, ValueError, OverflowError):
        pass
    raise CollectError(f"flickr: expected photos and got {str(answer)[:80]!r}")


def _parse_photo(photo: object) -> CollectedPost:
    """A photo as a search gives it, or as `photos.getInfo` does, with one more level of names."""
    if not isinstance(photo, Mapping):
        raise BadRow("not a photo", repr(photo)[:100])
    id, owner, tags = identity(photo.get("id")), photo.get("owner"), photo.get("tags")
    owner = owner.get("nsid") if isinstance(owner, Mapping) else owner
    owner = owner if isinstance(owner, str) else ""
    if isinstance(tags, Mapping):
        tags = [tag.get("raw") for tag in listed(tags.get("tag")) if isinstance(tag, Mapping)]
    tags = tags.split() if isinstance(tags, str) else listed(tags)
    return CollectedPost(
        source="flickr",
        id=id,
        created_at=seconds(photo.get("dateupload") or photo.get("dateuploaded")),
        author=owner,
        title=text_of("title", _content(photo.get("title"))),
        text=read_html(text_of("description", _content(photo.get("description"))))[0],
        tags=tuple(str(tag) for tag in tags if isinstance(tag, str | int | float)),
        url=f"https://www.flickr.com/photos/{owner}/{id}",
        image=WebAddress.of(next((photo[size] for size in SIZES if is_address(photo.get(size))), _static(photo))),
        licence=_licence(photo.get("license")),
    )


def _content(value: object) -> object:
    return value.get("_content") if isinstance(value, Mapping) else value


def _static(photo: Mapping[str, Any]) -> str:
    """A photo's address from its parts; 800 pixels on the longer side."""
    if not (photo.get("server") and photo.get("secret")):
        return ""
    return f"https://live.staticflickr.com/{photo['server']}/{photo['id']}_{photo['secret']}_c.jpg"


def _licence(value: object) -> str:
    number = str(value) if isinstance(value, str | int) else ""
    return LICENCES[int(number)] if len(number) < 3 and number.isdecimal() and int(number) < len(LICENCES) else number


class FlickrIds(_Flickr):
    """The photos of a labelled set, with their title and description.

    Kept are photos on whose emotion the majority of the raters agree, and whose title and description together have
    more than five words.

    Args:
        file: A table with a column `id` or `url` and `emotion`; and either `agree` and `disagree`, or one row for
            each rater. Without either every label is taken as agreed on.
    """

    def __init__(self, api: Api, file: Path, quarantine: Quarantine | None = None) -> None:
        super().__init__(api, quarantine)
        self.queries, self.agreed = [f"ids of {file.resolve()}"], agreed(file)

    def pages(self, query: str, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        done = place(cursor, {"place": 0})["place"]
        for number, id in enumerate([*self.agreed][done:], done + 1):
            posts, note = self._photo(id, number)
            yield Page(posts, {"place": number}, note, done=number == len(self.agreed))

    def _photo(self, id: str, number: int) -> tuple[list[CollectedPost], tuple[str, ...]]:
        """A photo with its label, or why there is none."""
        answer = self.ask("photos.getInfo", photo_id=id)
        if answer is None:
            return [], (f"photo {id} is gone",)
        try:
            post = read_post(_parse_photo, answer.get("photo"))
        except BadRow as bad:
            self.quarantine.add(id, number, bad.reason, detail=bad.detail, table=self.queries[0])
            return [], ()
        assert post is not None
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


def _open(opening: Opening) -> Opened:
    job, api, bad = opening.job, opening.api(ADDRESS), opening.quarantine
    if job.ids is not None:
        return FlickrIds(api, job.ids, bad), api.meter
    return FlickrSearch(api, job.what, job.before, job.after, bad), api.meter


def _plan(job: Job, made: int) -> Plan:
    if job.ids is not None:
        return of_calls(QUOTAS, len(agreed(job.ids)), 1, made)
    return of_calls(QUOTAS, job.limit, A_PAGE, made)


ENTRY = Entry(
    "flickr",
    _open,
    _plan,
    is_enough=lambda job: bool(job.what or job.ids),
    newest_first=lambda job: job.ids is None,
    asked_at_once=FlickrSearch.at_once,
    quotas=QUOTAS,
    keys=(KEY,),
    terms="https://www.flickr.com/help/terms/api",
)
