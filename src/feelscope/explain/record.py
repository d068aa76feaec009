"""An explanation as JSON has it, and the strength at which a word or region is shown."""

from collections.abc import Sequence
from typing import Any

from feelscope.explain.explanation import Explanation, Region, Word
from feelscope.post import Post

DIGITS = 7  # of a probability: what a 32-bit float has
STRENGTHS = 4
_LEAST = 0.005  # of probability: less is not shown


def record(explanation: Explanation, post: Post) -> dict[str, Any]:
    """Everything that an explanation of a post says, and its words as they are written."""
    prediction = explanation.prediction
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
                "word": getattr(post, word.field)[word.start : word.end],
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
        "passes": explanation.passes,
        "warnings": list(explanation.warnings),
    }


def strengths(parts: Sequence[Word | Region]) -> list[int]:
    """How strongly each word or region is shown beside the others: 1 to 4, below zero against the emotion, 0 not."""
    most = max((abs(part.weight) for part in parts), default=0)
    if most < _LEAST:
        return [0] * len(parts)
    levels = [round(STRENGTHS * abs(part.weight) / most) if abs(part.weight) >= _LEAST else 0 for part in parts]
    return [level if part.weight > 0 else -level for part, level in zip(parts, levels, strict=True)]
