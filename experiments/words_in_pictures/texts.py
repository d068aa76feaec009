"""The texts of this page: which emotion each has, and which half it is in."""

from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("texts.txt")


@dataclass(frozen=True)
class Text:
    """A text of the page; `parts` are top and bottom of a meme, or messages of a chat."""

    id: str
    emotion: str
    parts: tuple[str, ...]
    half: str  # `choose` or `report`

    @property
    def typed(self) -> str:
        """The words as somebody would type them."""
        ends = ".!?,"
        return " ".join(part if part[-1] in ends else f"{part}." for part in self.parts)


def read_texts() -> list[Text]:
    """All texts, in the file's order; every other one of an emotion is for choosing."""
    texts: list[Text] = []
    emotion, number = "", 0
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if "|" not in line and " " not in line:
            emotion, number = line.strip(), 0
            continue
        parts = tuple(part.strip() for part in line.split("|"))
        texts.append(Text(f"{emotion}-{number}", emotion, parts, ("choose", "report")[number % 2]))
        number += 1
    return texts
