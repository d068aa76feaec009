"""Bluesky: posts as its API shows them, records of a repository, and events of its stream.

    {post: {uri, author, record, embed}, reason}        of a feed; a reason is a repost
    {uri, author, record, embed}                        of a search or a thread; 4CAT writes created_at for createdAt
    {uri, value: {$type, text, createdAt}}              of a repository, also the record alone
    {did, commit: {collection, rkey, record}}           of the stream

Source: the lexicons app.bsky.feed.post, app.bsky.feed.defs and app.bsky.richtext.facet, for the names.
"""

from feelscope.table.authors import read_author
from feelscope.table.layouts.record import (
    NO_POST,
    REPOST,
    Record,
    Row,
    address_of,
    dig,
    first,
    id_of,
    records,
    row_of,
    text_of,
)
from feelscope.table.quarantine import BadRow
from feelscope.table.tags import read_tags

_POST, _ALL = "app.bsky.feed.post", "app.bsky."


def is_mine(record: Record) -> bool:
    """Whether it is a post, or another record of a repository."""
    if isinstance(record.get("post"), dict):
        return is_mine(record["post"])
    if isinstance(record.get("commit"), dict) or (record.get("kind") in ("identity", "account") and "did" in record):
        return "did" in record
    inner = _inner(record)
    return inner is not None and (_kind(inner).startswith(_ALL) or _uri(record).startswith("at://"))


def rows(record: Record) -> list[Row]:
    """The row of a post."""
    if "Repost" in _kind(record.get("reason")):
        raise BadRow(REPOST, broken=False)
    view = record["post"] if isinstance(record.get("post"), dict) else record
    commit = view.get("commit")
    if isinstance(commit, dict):
        path = f"at://{view.get('did')}/{commit.get('collection')}/{commit.get('rkey')}"
        view = {"uri": path, "value": commit.get("record")}
    inner = _inner(view)
    kind = _kind(inner) or ("" if _POST in _uri(view) else "no record")
    if inner is None or (kind and kind != _POST):
        raise BadRow(REPOST if "repost" in kind else NO_POST, kind, broken=False)
    return [_row(view, inner)]


def _row(view: Record, post: Record) -> Row:
    uri = _uri(view)
    parts = uri.removeprefix("at://").split("/")
    did = parts[0] if uri.startswith("at://") else ""
    features = [one for facet in records(post.get("facets")) for one in records(facet.get("features"))]
    tags = read_tags([one.get("tag") for one in features]) + read_tags(post.get("tags") or [])
    images = records(first(view, ("embed", "images"), ("embed", "media", "images")))
    pictures = [first(one, "fullsize", "thumb") for one in images] + [dig(view, "embed", "thumbnail")]
    described = images or records(first(post, ("embed", "images"), ("embed", "media", "images")))
    created_at = first(post, "createdAt", "created_at")
    langs = post.get("langs")
    return row_of(
        "bluesky",
        uri or first(view, "cid", "rkey") or _made_id(post),
        text_of("text", post.get("text")),
        tags=list(dict.fromkeys(tags)),
        image=next(filter(None, map(address_of, pictures)), ""),
        created_at=created_at,
        author=read_author(view.get("author")) or did,
        url=f"https://bsky.app/profile/{did}/post/{parts[-1]}" if did and len(parts) > 1 else "",
        votes=first(view, "likeCount", "like_count"),
        lang=langs[0] if isinstance(langs, list) and len(langs) == 1 else "",
        alt_text=next((one["alt"] for one in described if isinstance(one.get("alt"), str) and one["alt"]), ""),
    )


def _inner(view: Record) -> Record | None:
    """What the author wrote."""
    if _kind(view) and "text" in view:
        return view
    found = next((view[name] for name in ("record", "value") if isinstance(view.get(name), dict)), None)
    return found or (view if _kind(view).startswith(_ALL) else None)


def _kind(record: object) -> str:
    return str(first(record, "$type", "py_type") or "").removesuffix("#main")


def _uri(view: Record) -> str:
    uri = view.get("uri")
    return uri if isinstance(uri, str) else ""


def _made_id(post: Record) -> str:
    """The moment of writing, to the millisecond: the id of a record that was exported without one."""
    return id_of(first(post, "createdAt", "created_at"))
