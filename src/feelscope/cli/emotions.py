"""Emotions and shares on a terminal: an emoji and a bar."""

from feelscope.emotions import EMOJI, match

_EIGHTHS = " ▏▎▍▌▋▊▉"


def emoji(emotion: str) -> str:
    """The emoji of an emotion, by whichever of its names; where there is none, two spaces, which are as wide."""
    return EMOJI.get(match([emotion], list(EMOJI))[0].get(emotion, ""), "  ")


def bar(share: float, width: int) -> str:
    """A bar of so many columns for a share of 1."""
    eighths = round(share * width * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
