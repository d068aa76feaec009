"""The words of a picture that count as a post's own.

lines --confidence--> sure ones --furniture--> words of somebody --blocks--> text, if it has enough words
"""

from collections.abc import Sequence
from dataclasses import dataclass

from feelscope.config import check_ranges
from feelscope.image_text.furniture import blocks_of_words
from feelscope.image_text.lines import Line


@dataclass(frozen=True, slots=True)
class WordSettings:
    """Which words of a picture count; chosen on drawn pictures, `experiments/words_in_pictures`."""

    confidence: float = 0.6  # of a line, at least
    least_words: int = 3  # of a block; a sign, a date and the mark of a photographer have fewer

    def __post_init__(self) -> None:
        check_ranges(
            self,
            ("confidence", lambda value: 0 <= value <= 1, "0 to 1"),
            ("least_words", lambda value: value >= 1, "1 or more"),
        )


def words_of(lines: Sequence[Line], settings: WordSettings) -> str:
    """The words of a picture's lines that count, in reading order; empty where there are none."""
    sure = [line for line in lines if line.confidence >= settings.confidence]
    blocks = [" ".join(_recased(line.text.strip()) for line in block) for block in blocks_of_words(sure)]
    if max(map(_count, blocks), default=0) < settings.least_words:
        return ""
    return "\n".join(blocks)


def _recased(text: str) -> str:
    """Capitals as small letters: on a meme they are a way to draw, and no shouting."""
    return text.lower() if text.isupper() else text


def _count(text: str) -> int:
    """How many words there are: with letters and without digits."""
    return sum(any(map(str.isalpha, word)) and not any(map(str.isdigit, word)) for word in text.split())
