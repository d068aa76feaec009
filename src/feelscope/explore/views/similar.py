"""Posts with similar words and posts with similar pictures, by the vectors of an index with a map."""

from typing import Any

from feelscope.explore.index.opened import OpenIndex
from feelscope.explore.index.vectors import KINDS
from feelscope.explore.search.chance import chance_of, number_of
from feelscope.explore.search.request import listing, term
from feelscope.explore.views.post import picture_address

MOST = 8  # of either
_NAMES = {"text": "posts", "image": "pictures"}


def similar(index: OpenIndex, id: str) -> dict[str, Any] | None:
    """What is most like a post, the most similar first; None where the archive has no post of this id.

    `similarity` is the cosine of two vectors, 1 for the same.
    """
    if index.vectors is None:
        return {"missing": index.no_map}
    found = index.engine.search(listing(term("id", id), first=0, size=1, fields=("chance",)))["hits"]["hits"]
    if not found:
        return None
    number = number_of(found[0]["fields"]["chance"][0])
    answer: dict[str, Any] = {}
    for kind in KINDS:
        near = index.vectors.nearest(number, kind, MOST)
        posts = [by_chance(index, chance_of(one)) for one, _ in near]
        rows = zip(posts, near, strict=True)
        answer[_NAMES[kind]] = [{**post, "similarity": round(alike, 4)} for post, (_, alike) in rows if post]
    return answer


def by_chance(index: OpenIndex, chance: int) -> dict[str, Any] | None:
    """A post by its `chance`, as lists show it: the page knows those on the map by it."""
    hits = index.engine.search(listing(term("chance", chance), first=0, size=1))["hits"]["hits"]
    if not hits:
        return None
    source = hits[0]["_source"]
    return {
        "id": source["id"],
        "text": source["title"].strip() or source["text"].strip(),
        "emotion": source.get("emotion"),
        "date": source.get("created_at"),
        "image": picture_address(source["image"]),
    }
