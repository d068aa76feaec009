"""Typos: letters that change places, are left out, doubled, or struck beside the right key."""

import re

import numpy as np

_WORD = re.compile(r"(?<![#@\w/.])[A-Za-z]{4,}(?!\w|[.:/]+\w)")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {row[at]: row[max(0, at - 1) : at] + row[at + 1 : at + 2] for row in _ROWS for at in range(len(row))}
RATE = 0.25  # of the words of four letters or more


def with_typos(text: str, draws: np.random.Generator) -> str | None:
    """The text with a typo in a quarter of its longer words, at least one; None where it has no such word.

    First letters stay, as people notice those. Names, hashtags and addresses are left alone.
    """
    words = [*_WORD.finditer(text)]
    if not words:
        return None
    chosen = draws.random(len(words)) < RATE
    chosen[draws.integers(len(words))] = True
    parts, end = [], 0
    for match, hit in zip(words, chosen, strict=True):
        if hit:
            parts += [text[end : match.start()], _mistyped(match[0], draws)]
            end = match.end()
    return "".join([*parts, text[end:]])


def _mistyped(word: str, draws: np.random.Generator) -> str:
    at = int(draws.integers(1, len(word) - 1))
    how = draws.random()
    if how < 0.5 and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if how < 0.75:
        return word[:at] + word[at + 1 :]
    if how < 0.85:
        return word[: at + 1] + word[at:]
    return word[:at] + str(draws.choice([*_BESIDE[word[at].lower()]])) + word[at + 1 :]
