"""Groups of people: whoever a text speaks of becomes one of many groups, each as likely, and all else is as it was."""

import re

import numpy as np

from feelscope.text.swaps import LEFT_ALONE, cased

# Those who are spoken of in general, and groups that are spoken of in one way more often than in others; ours.
ANYBODY = (
    "people guys folks men women boys girls kids children students teachers workers players fans neighbours".split()
)
GROUPS = (
    "refugees immigrants migrants muslims jews christians hindus sikhs buddhists atheists mexicans arabs africans "
    "asians latinos americans germans russians indians farmers nurses police teenagers pensioners veterans feminists "
    "lesbians conservatives liberals tourists"
).split()
KINDS = (
    "black white asian latino arab jewish muslim christian gay lesbian trans straight bisexual disabled deaf blind "
    "autistic homeless poor rich old young fat foreign native indigenous roma polish nigerian syrian chinese"
).split()
_ONE = "man woman guy girl boy person kid lady dude child student neighbour".split()
_MANY = re.compile(
    rf"(?P<left>{LEFT_ALONE})|\b(?:(?:{'|'.join(KINDS)}) )?(?P<many>{'|'.join([*ANYBODY, *GROUPS])})\b"
    rf"|\b(?:(?:{'|'.join(KINDS)}) )?(?P<one>{'|'.join(_ONE)})\b",
    re.IGNORECASE,
)


def of_another_group(text: str, draws: np.random.Generator) -> str | None:
    """The text with the people in it of a drawn group, the same throughout; None where nobody is spoken of."""
    many = str(draws.choice(GROUPS)) if draws.random() < 0.5 else f"{draws.choice(KINDS)} people"
    kind = str(draws.choice(KINDS))

    def other(match: re.Match[str]) -> str:
        if match["left"] is not None:
            return match[0]
        if match["many"] is not None:
            return cased(many, match[0])
        return cased(f"{kind} {match['one'].lower()}", match[0])

    # "a old man": the article goes with the word behind it.
    swapped = re.sub(r"\b([Aa])n? (?=(\w))", _article, _MANY.sub(other, text))
    return None if swapped == text or not _speaks_of_people(text) else swapped


def _speaks_of_people(text: str) -> bool:
    return any(match["left"] is None for match in _MANY.finditer(text))


def _article(match: re.Match[str]) -> str:
    return f"{match[1]}n " if match[2].lower() in "aeio" else f"{match[1]} "
