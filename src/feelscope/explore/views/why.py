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

MOST_WORDS = 3  # words that are shown
LEAST_WEIGHT = 0.03  # of probability that a word must give; ours


def why(model: str, shown: dict[str, Any], picture: Path | None) -> list[dict[str, Any]]:
    """Spans of the words that a post's emotion rests on, the strongest at most `MOST_WORDS`, in their order.

    Args:
        model: As `EmotionClassifier.load` takes it.
        shown: A post as `views.post` gives it.
        picture: Its picture, where there is one.

    Returns:
        `start`, `end` in characters of title and text, joined by a line break where both are there; `mark`, `weight`.
    """
    predict = _load(model)
    if predict is None or not shown["emotion"]:
        return []
    post = Post("", shown["text"] or "", shown["title"] or "", picture)
    if predict([post])[0].emotion != shown["emotion"]:
        return []
    before = {"title": 0, "text": len(post.title) + 1 if post.title else 0}
    words = sorted(weigh_words(predict, post, shown["emotion"]), key=lambda word: -word.weight)[:MOST_WORDS]
    spans = [
        {
            "start": before[word.field] + word.start,
            "end": before[word.field] + word.end,
            "mark": "why",
            "weight": word.weight,
        }
        for word in words
        if word.weight >= LEAST_WEIGHT
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
