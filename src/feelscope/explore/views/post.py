"""One post with everything the archive knows of it, and why it was read as it was.

The reasons are the words whose absence changes the answer most, asked of the model that the archive was built with when
a post is opened. Where the table brought its own emotions and the model answers otherwise, there is nothing to explain.
"""

import threading
from functools import cache
from pathlib import Path
from typing import Any

from feelscope.errors import FeelscopeError
from feelscope.explain.erasure import weigh_words
from feelscope.explore.index.opened import OpenIndex
from feelscope.explore.search.request import listing, term
from feelscope.post import Post

MOST_WORDS = 3  # words that are shown
LEAST_WEIGHT = 0.03  # of probability that a word must give; ours
_READ = 10_000  # characters of a post that its reasons are looked for in: more than models read
_one_at_a_time = threading.Lock()  # the model is loaded once, and many answers at once would cost its memory each


def post_with_reasons(index: OpenIndex, id: str) -> dict[str, Any] | None:
    """A post by its id, and the words its emotion rests on; None where the archive has none of this id."""
    try:
        id.encode()
    except UnicodeEncodeError:
        return None
    reply = index.engine.search(listing(term("id", id), first=0, size=1))
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
    read = Post("", source["text"][:_READ], source["title"], picture)
    with _one_at_a_time:
        return {**post, "why": why(index.model, read, post["emotion"]) if len(read.title) <= _READ else []}


def picture_address(image: str) -> str | None:
    """Where the page finds a post's small picture."""
    return f"/thumbnails/{image}" if image else None


def why(model: str, post: Post, emotion: str | None) -> list[dict[str, Any]]:
    """Spans of the words that a post's emotion rests on, the strongest at most `MOST_WORDS`, in their order.

    Args:
        model: As `EmotionClassifier.load` takes it.

    Returns:
        `start`, `end` in characters of title and text, joined by a line break where both are there; `mark`, `weight`.
    """
    predict = _load(model) if emotion else None
    if predict is None or not emotion or predict([post])[0].emotion != emotion:
        return []
    before = {"title": 0, "text": len(post.title) + 1 if post.title else 0}
    words = sorted(weigh_words(predict, post, emotion), key=lambda word: -word.weight)[:MOST_WORDS]
    spans = [
        {"start": before[word.field] + word.start, "end": before[word.field] + word.end, "weight": word.weight}
        for word in words
        if word.weight >= LEAST_WEIGHT
    ]
    return [span | {"mark": "why"} for span in sorted(spans, key=lambda span: span["start"])]


@cache
def _load(model: str):  # type: ignore[no-untyped-def] # `EmotionClassifier.predict`, or None
    """The model, once; None where it is gone since the archive was built."""
    from feelscope.saved_model.classifier import EmotionClassifier

    try:
        return EmotionClassifier.load(model).predict
    except FeelscopeError:
        return None
