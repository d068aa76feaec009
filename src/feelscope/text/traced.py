"""A text that is rewritten step by step, and of each of its characters the place that it came from."""

import re
from collections.abc import Callable

Rewrite = str | Callable[[re.Match[str]], str]


class Traced:
    """A text in the making.

    Attributes:
        text: As it is now.
        places: Of each of its characters, the place in the text that it began as; they never go down.
    """

    def __init__(self, text: str):
        self.text, self.places = text, [*range(len(text))]

    def rewrite(self, pattern: re.Pattern[str], new: Rewrite) -> None:
        """Replace what a pattern finds; a function that gives back what was found leaves its places as they are."""
        parts: list[str] = []
        places: list[int] = []
        end = 0
        for match in pattern.finditer(self.text):
            found = new if isinstance(new, str) else new(match)
            if found == match[0]:
                continue
            parts += [self.text[end : match.start()], found]
            places += self.places[end : match.start()]
            places += [self.places[match.start() + step] for step in _steps(found, match[0])] if match[0] else []
            end = match.end()
        if parts:
            self.text = "".join([*parts, self.text[end:]])
            self.places = places + self.places[end:]


def _steps(new: str, old: str) -> list[int]:
    """Of each character of a new text, the same one in the old text, in order; of others, the one before, or the first.

    So the words of a hashtag are where they were written.
    """
    steps: list[int] = []
    next_ = 0
    for character in new:
        if (found := old.find(character, next_)) >= 0:
            next_ = found + 1
        steps.append(found if found >= 0 else max(next_ - 1, 0))
    return steps
