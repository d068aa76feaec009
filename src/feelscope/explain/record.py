"""An explanation as JSON has it, its steps, and the strength at which a word or region is shown."""

from collections.abc import Sequence
from typing import Any, TypeVar

from feelscope.explain.explanation import Explanation, Region, Word
from feelscope.post import DIGITS, IMAGE_TEXT, Post

STRENGTHS = 4
LEAST = 0.005  # of probability: less is not shown
_MARKED, _LEAST_MARKED = 3, 0.03  # how many words, and regions, are marked at most; from which probability on; ours
_LEAST_REST = 0.0005  # of probability, that modalities leave unexplained and that is shown
P = TypeVar("P", Word, Region)


def record(explanation: Explanation, post: Post) -> dict[str, Any]:
    """Everything that an explanation of a post says, and its words as they are written."""
    prediction, texts = explanation.prediction, explanation.texts(post)
    return {
        "id": prediction.id,
        "emotion": prediction.emotion,
        "probabilities": {name: round(value, DIGITS) for name, value in prediction.probabilities.items()},
        "explained": explanation.emotion,
        "probability": round(explanation.probability, DIGITS),
        "baseline": round(explanation.baseline, DIGITS),
        "modalities": {name: round(value, DIGITS) for name, value in explanation.modalities.items()},
        "words": [
            {
                "word": texts[word.field][word.start : word.end],
                "field": word.field,
                "start": word.start,
                "end": word.end,
                "weight": round(word.weight, DIGITS),
            }
            for word in explanation.words
        ],
        "regions": [
            {
                "left": region.left,
                "top": region.top,
                "right": region.right,
                "bottom": region.bottom,
                "weight": round(region.weight, DIGITS),
            }
            for region in explanation.regions
        ],
        IMAGE_TEXT: explanation.image_text,
        "passes": explanation.passes,
        "warnings": list(explanation.warnings),
    }


def steps(explanation: Explanation) -> dict[str, float]:
    """What each modality moves the probability by, and what they leave over, where that is worth a line."""
    moves = dict(explanation.modalities)
    rest = explanation.probability - explanation.baseline - sum(moves.values())
    return moves | ({"not explained": rest} if abs(rest) > _LEAST_REST else {})


def strongest(parts: Sequence[P]) -> list[P]:
    """The few words, or regions, that speak most for the emotion, in their order."""
    enough = sorted((part for part in parts if part.weight >= _LEAST_MARKED), key=lambda part: -part.weight)[:_MARKED]
    return [part for part in parts if part in enough]


def strengths(parts: Sequence[Word | Region]) -> list[int]:
    """How strongly each word or region is shown beside the others: 1 to 4, below zero against the emotion, 0 not."""
    most = max((abs(part.weight) for part in parts), default=0)
    if most < LEAST:
        return [0] * len(parts)
    levels = [round(STRENGTHS * abs(part.weight) / most) if abs(part.weight) >= LEAST else 0 for part in parts]
    return [level if part.weight > 0 else -level for part, level in zip(parts, levels, strict=True)]
