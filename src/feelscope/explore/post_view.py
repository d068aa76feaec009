"""One post, with everything the archive knows of it."""

from typing import TYPE_CHECKING, Any

from feelscope.explore.request import listing
from feelscope.explore.sentence_choice import address

if TYPE_CHECKING:
    from feelscope.explore.archive import Archive


def post(archive: "Archive", id: str) -> dict[str, Any] | None:
    """A post by its id; None where the archive has none."""
    reply = archive.engine.search(listing({"term": {"id": id}}, first=0, size=1))
    hits = reply["hits"]["hits"]
    if not hits:
        return None
    found = hits[0]["_source"]
    return {
        "id": found["id"],
        "title": found["title"],
        "text": found["text"],
        "image": address(found["image"]),
        "emotion": found.get("emotion"),
        "probabilities": found.get("probabilities"),
        "date": found.get("created_at"),
        **{name: found[name] or None for name in ("author", "url", "source")},
    }
