"""Emotions and shares on a terminal: an emoji and a bar."""

import shutil
from collections.abc import Iterable, Mapping

from feelscope.emotions import EMOJI, match
from feelscope.post import IMAGE_TEXT
from feelscope.text.width import columns, padded

_BAR = 40  # columns, where the terminal has them
_EIGHTHS = " ▏▎▍▌▋▊▉"


def emoji(emotion: str) -> str:
    """The emoji of an emotion, by whichever of its names; where there is none, two spaces, which are as wide."""
    return EMOJI.get(match([emotion], list(EMOJI))[0].get(emotion, ""), "  ")


def read_from(modalities: Iterable[str]) -> str:
    """What was read of a post, as people say it."""
    return " and ".join("words in the picture" if name == IMAGE_TEXT else name for name in modalities)


def bar(share: float, width: int) -> str:
    """A bar of so many columns for a share of 1."""
    eighths = round(share * width * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def bars(probabilities: Mapping[str, float]) -> list[str]:
    """A line for each emotion with its emoji, its bar and its share, the most probable first."""
    width = max(map(columns, probabilities))
    bar_width = max(4, min(_BAR, shutil.get_terminal_size().columns - width - 16))
    return [
        f"  {emoji(emotion)} {padded(emotion, width)} {bar(share, bar_width):<{bar_width}} {share:6.1%}"
        for emotion, share in sorted(probabilities.items(), key=lambda pair: -pair[1])
    ]
