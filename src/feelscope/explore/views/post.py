"""One post, with everything the archive knows of it."""

from pathlib import Path
from typing import Any

from feelscope.explore.index.opened import OpenIndex
from feelscope.explore.search.request import listing
from feelscope.explore.views.why import why


def post_with_reasons(index: OpenIndex, id: str) -> dict[str, Any] | None:
    """A post by its id, and the words its emotion rests on; None where the archive has none of this id."""
    reply = index.engine.search(listing({"term": {"id": id}}, first=0, size=1))
    hits = reply["hits"]["hits"]
    if not hits:
        return None
    source = hits[0]["_source"]
    post = {
        "id": source["id"],
        "title": source["title"],
        "text": source["text"],
        "image": picture_address(source["image"]),
        "emotion": source.get("emotion"),
        "probabilities": source.get("probabilities"),
        "date": source.get("created_at"),
        **{name: source[name] or None for name in ("author", "url", "source")},
    }
    picture = index.thumbnails / Path(source["image"]).name if index.thumbnails and source["image"] else None
    return {**post, "why": why(index.model, post, picture)}


def picture_address(image: str) -> str | None:
    """Where the page finds a post's small picture."""
    return f"/thumbnails/{image}" if image else None
