"""One post with everything the archive knows of it, and why it was read as it was.

The reasons are the words and the regions of the small picture that speak most for the answer, asked of the model that
the archive was built with when a post is opened. Where the table brought its own emotions and the model answers
otherwise, there is nothing to explain.
"""

import threading
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feelscope.errors import FeelscopeError
from feelscope.explain.post import QUICK
from feelscope.explain.record import strongest
from feelscope.explore.index.opened import OpenIndex
from feelscope.explore.search.document import probability_fields
from feelscope.explore.search.request import listing, term
from feelscope.post import Post

if TYPE_CHECKING:
    from feelscope.saved_model.classifier import EmotionClassifier

_READ = 10_000  # characters of a post that its reasons are looked for in: more than models read
_one_at_a_time = threading.Lock()  # the model is loaded once, and many answers at once would cost its memory each


def find_post(index: OpenIndex, id: str) -> dict[str, Any] | None:
    """A post as engines hold it; None where the archive has none of this id."""
    try:
        id.encode()
    except UnicodeEncodeError:
        return None
    hits = index.engine.search(listing(term("id", id), first=0, size=1))["hits"]["hits"]
    return dict(hits[0]["_source"]) if hits else None


def post_with_reasons(index: OpenIndex, id: str) -> dict[str, Any] | None:
    """A post by its id, and what its emotion rests on; None where the archive has none of this id."""
    source = find_post(index, id)
    if source is None:
        return None
    fields = zip(index.probabilities, probability_fields(index.probabilities), strict=True)
    post = {
        "id": source["id"],
        "title": source["title"],
        "text": source["text"],
        "image": picture_address(source["image"]),
        "emotion": source.get("emotion"),
        "probabilities": {name: source[field] for name, field in fields if field in source} or None,
        "date": source.get("created_at"),
        **{name: source[name] or None for name in ("author", "url", "source")},
        "score": source.get("score"),
        "facets": source.get("facets", {}),
    }
    picture = index.thumbnails / Path(source["image"]).name if index.thumbnails and source["image"] else None
    read = Post("", source["text"][:_READ], source["title"], picture)
    with _one_at_a_time:
        words, regions = why(index.model, read, post["emotion"]) if len(read.title) <= _READ else ([], [])
    return {**post, "why": words, "where": regions}


def picture_address(image: str) -> str | None:
    """Where the page finds a post's small picture."""
    return f"/thumbnails/{image}" if image else None


def why(model: str, post: Post, emotion: str | None) -> tuple[list[dict[str, Any]], list[dict[str, float]]]:
    """Words and regions that a post's emotion rests on, the strongest few of each, in their order.

    Args:
        model: As `EmotionClassifier.load` takes it.

    Returns:
        Words: `start`, `end` in characters of title and text, joined by a line break where both are there; `mark`,
        `weight`. Regions: `left`, `top`, `right`, `bottom` in shares of the picture, and `weight`. None of either where
        the model answers another emotion, or is gone.
    """
    classifier = _load(model) if emotion else None
    if classifier is None or (answer := classifier.predict([post])[0].emotion) is None or answer != emotion:
        return [], []
    found = classifier.explain(post, emotion, QUICK)
    before = {"title": 0, "text": len(post.title) + 1 if post.title else 0}
    words = [
        {
            "start": before[word.field] + word.start,
            "end": before[word.field] + word.end,
            "mark": "why",
            "weight": word.weight,
        }
        for word in strongest(found.words)
    ]
    return words, [asdict(region) for region in strongest(found.regions)]


@cache
def _load(model: str) -> "EmotionClassifier | None":
    """The model, once; None where it is gone since the archive was built."""
    from feelscope.saved_model.classifier import EmotionClassifier

    try:
        return EmotionClassifier.load(model)
    except FeelscopeError:
        return None
