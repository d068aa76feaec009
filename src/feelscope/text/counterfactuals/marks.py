"""Marks of social media: a name before a text, a place or a day as a hashtag behind it, an address, "RT"."""

from collections.abc import Callable

import numpy as np

_STARTS = (
    "anna ben caro dan ella finn gina hugo iris jan kim leo mara nils olga paul rita sam tina uwe vera will".split()
)
_ENDS = ["", "", "_", "92", "_x", "7", ".k", "official", "_music", "news", "2000", "tv"]
TAGS = (
    "berlin london paris rome madrid lisbon vienna oslo chicago boston texas tokyo sydney mumbai lagos cairo "
    "monday tuesday friday weekend today tonight morning summer winter travel photo news work food music sport"
).split()
_LETTERS = [*"abcdefghijklmnopqrstuvwxyz0123456789"]
_SITES = ("https://t.co/", "http://bit.ly/", "https://www.example.com/", "https://youtu.be/")


def marked(text: str, draws: np.random.Generator) -> str:
    """The text with one to three marks."""
    count = int(draws.choice((1, 2, 3), p=(0.7, 0.2, 0.1)))
    for place in draws.choice(len(_MARKS), count, replace=False, p=_CHANCES):
        text = _MARKS[place](text, draws)
    return text


def name(draws: np.random.Generator) -> str:
    """A name as people choose them, without its mark."""
    return str(draws.choice(_STARTS)) + str(draws.choice(_ENDS))


def _addressed(text: str, draws: np.random.Generator) -> str:
    return f"@{name(draws)} {text}"


def _mentioned(text: str, draws: np.random.Generator) -> str:
    return f"{text} @{name(draws)}"


def _tagged(text: str, draws: np.random.Generator) -> str:
    return f"{text} #{draws.choice(TAGS)}"


def _linked(text: str, draws: np.random.Generator) -> str:
    return f"{text} {draws.choice(_SITES)}{''.join(draws.choice(_LETTERS, 8))}"


def _passed_on(text: str, draws: np.random.Generator) -> str:
    return f"RT @{name(draws)}: {text}"


_MARKS: tuple[Callable[[str, np.random.Generator], str], ...] = (_addressed, _mentioned, _tagged, _linked, _passed_on)
_CHANCES = (0.4, 0.1, 0.3, 0.15, 0.05)
