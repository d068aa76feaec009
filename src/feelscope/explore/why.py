"""Why a post was read as it was: the words whose absence changes the answer most.

Asked of the model that the archive was built with, when a post is opened. Where the table brought its own emotions and
the model answers otherwise, there is nothing to explain.
"""

from functools import cache
from pathlib import Path
from typing import Any

from feelscope.errors import FeelscopeError
from feelscope.explain.erasure import weigh_words
from feelscope.post import Post

MOST = 3  # words that are shown
LEAST = 0.03  # of probability that a word must give; ours


def why(model: str, found: dict[str, Any], picture: Path | None) -> list[dict[str, Any]]:
    """Spans of the words that a post's emotion rests on, the strongest at most `MOST`, in their order.

    Args:
        model: As `EmotionClassifier.load` takes it.
        found: A post as `post_view.post` gives it.
        picture: Its picture, where there is one.

    Returns:
        `start`, `end` in characters of title and text, joined by a line break where both are there; `mark`, `weight`.
    """
    predict = _load(model)
    if predict is None or not found["emotion"]:
        return []
    post = Post("", found["text"] or "", found["title"] or "", picture)
    if predict([post])[0].emotion != found["emotion"]:
        return []
    before = {"title": 0, "text": len(post.title) + 1 if post.title else 0}
    words = sorted(weigh_words(predict, post, found["emotion"]), key=lambda one: -one.weight)[:MOST]
    spans = [
        {
            "start": before[one.field] + one.start,
            "end": before[one.field] + one.end,
            "mark": "why",
            "weight": one.weight,
        }
        for one in words
        if one.weight >= LEAST
    ]
    return sorted(spans, key=lambda span: span["start"])


@cache
def _load(model: str):  # type: ignore[no-untyped-def] # `EmotionClassifier.predict`, or None
    """The model, once; None where it is gone since the archive was built."""
    from feelscope.saved_model.classifier import EmotionClassifier

    try:
        return EmotionClassifier.load(model).predict
    except FeelscopeError:
        return None
