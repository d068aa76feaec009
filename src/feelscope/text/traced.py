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
            # The first of what was found, as one character may become several words.
            places += [self.places[match.start()]] * len(found) if match[0] else []
            end = match.end()
        if parts:
            self.text = "".join([*parts, self.text[end:]])
            self.places = places + self.places[end:]
