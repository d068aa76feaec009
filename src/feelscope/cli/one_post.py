"""One post's prediction for people: the emotion with its emoji, and a bar for every probability."""

import shutil

from feelscope.emotions import EMOJI, match
from feelscope.post import Prediction

_BAR = 40  # columns, where the terminal has them
_EIGHTHS = " ▏▎▍▌▋▊▉"


def describe(prediction: Prediction) -> str:
    """Lines for a terminal, the most probable emotion first."""
    room = shutil.get_terminal_size().columns
    name_width = max(map(len, prediction.probabilities))
    bar_width = max(4, min(_BAR, room - name_width - 16))
    used = " and ".join(prediction.modalities)
    lines = [f"{_emoji(prediction.emotion or '')} {prediction.emotion}, read from {used}", ""]
    for emotion, share in sorted(prediction.probabilities.items(), key=lambda pair: -pair[1]):
        lines.append(f"  {_emoji(emotion)} {emotion:<{name_width}} {_bar(share, bar_width):<{bar_width}} {share:6.1%}")
    return "\n".join([*lines, *(f"\nNote: {warning}" for warning in prediction.warnings)])


def _emoji(emotion: str) -> str:
    """The emoji of an emotion, by whichever of its names; where there is none, two spaces, which are as wide."""
    return EMOJI.get(match([emotion], list(EMOJI))[0].get(emotion, ""), "  ")


def _bar(share: float, width: int) -> str:
    eighths = round(share * width * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
