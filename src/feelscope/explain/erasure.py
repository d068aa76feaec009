"""Which words an answer rests on: each is left out in turn, and the post is predicted again.

    weight of a word = probability of the emotion as the post is - its probability without the word

Source: Li, Monroe, Jurafsky 2016, "Understanding Neural Networks through Representation Erasure", section 3. It says
what the model would have answered, not why people write so; of two words that each suffice, neither shows.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from feelscope.post import Post, Prediction

MOST_WORDS = 96  # that are tried, from the first on: as many as the tokens that models read
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[^\w\s]{1,8}(?<![\x00-\x7f])", re.UNICODE)  # words, and emoji


@dataclass(frozen=True, slots=True)
class Weighed:
    """A word and what it contributes to an emotion.

    Args:
        field: `title` or `text`, where it occurs.
        start, end: Half-open, in characters of that field.
        weight: How much less probable the emotion is without it, from -1 to 1.
    """

    field: str
    start: int
    end: int
    weight: float


def weigh_words(predict: Callable[[Sequence[Post]], list[Prediction]], post: Post, emotion: str) -> list[Weighed]:
    """Every word of a post and its weight, in the order of title, then text.

    Args:
        predict: Posts to predictions, as `EmotionClassifier.predict`.
        emotion: Whose probability is looked at.

    Returns:
        Nothing where the model cannot read the post or does not know the emotion.
    """
    spans = [
        (field, match.start(), match.end())
        for field in ("title", "text")
        for match in _WORD.finditer(getattr(post, field))
    ][:MOST_WORDS]
    whole, *without = predict([post, *(_without(post, *span) for span in spans)])
    if emotion not in whole.probabilities:
        return []
    return [
        Weighed(*span, whole.probabilities[emotion] - prediction.probabilities.get(emotion, 0.0))
        for span, prediction in zip(spans, without, strict=True)
    ]


def _without(post: Post, field: str, start: int, end: int) -> Post:
    whole: str = getattr(post, field)
    rest = f"{whole[:start]} {whole[end:]}"
    return replace(post, title=rest) if field == "title" else replace(post, text=rest)
