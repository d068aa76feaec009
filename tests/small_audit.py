"""A made-up model that finds women angrier, and the sentences it is asked."""

from pathlib import Path

import numpy as np

from feelscope.audit.scored import Scored
from feelscope.audit.swaps import GENDER
from feelscope.audit.templates import TemplateSet

EMOTIONS = ("anger", "happiness")
WORK = TemplateSet(
    "work", ("{} is a {subject}.", "Then {} was a {subject}.", "Now {} is a {subject}."), tuple("abcdef")
)
WOMEN = dict(zip("abcdef", (10.0, 20.0, 40.0, 60.0, 80.0, 95.0), strict=True))


def score(sentences):
    """Women are angrier by 0.2, in some jobs a little more; anything else about a person moves a little."""
    women = {swap.second.lower() for swap in GENDER}
    rows = []
    for one in sentences:
        text = one.text.lower()
        is_woman = any(f"{name} is a" in text or f"{name} was a" in text for name in women)
        noise = sum(map(ord, text)) % 7 / 1000
        rows.append(0.3 + noise + is_woman * (0.2 + WOMEN[one.subject] / 2000))
    anger = np.array(rows)
    return np.stack([anger, 1 - anger], axis=1)


def scored(score=score, **values) -> Scored:
    given = {"name": "planted", "kind": "probabilities", "measures": EMOTIONS, "score": score, "folder": Path()}
    return Scored(**{**given, "knows": lambda phrase: True, **values})
