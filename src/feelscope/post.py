"""The frozen shapes that flow through Feelscope: a post comes in, a prediction goes out."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

MODALITIES = ("text", "image")
IMAGE_TEXT = "image_text"  # of a prediction's modalities: words that were read in the picture, or its alt text
DIGITS = 7  # of a probability that is written: what a 32-bit float has
# Combinations of modalities that posts are read and scored with, by the key in files, as people read them.
COMBINATIONS = {"both": "as they are", "text": "text only", "image": "image only"}
# And of a model that reads emoji too; then `text` are words without emoji.
WITH_EMOJI = {
    "emoji": "emoji only",
    "text+image": "text and image",
    "text+emoji": "text and emoji",
    "image+emoji": "image and emoji",
    "text+image+emoji": "all three",
}


# Characters that nothing is seen of: blanks, joiners, marks of direction, fillers, selectors, tags.
_INVISIBLE = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen."""
    return not text.strip() or (not text.isascii() and _INVISIBLE.fullmatch(text) is not None)


def combinations_of(modalities: Sequence[str]) -> list[tuple[str, ...]]:
    """Every choice of one or more of some modalities, smaller ones first; the last is all of them."""
    counts = range(1, len(modalities) + 1)
    return [kept for count in counts for kept in itertools.combinations(modalities, count)]


@dataclass(frozen=True, slots=True)
class Post:
    """One post: words, a picture, or both."""

    id: str  # unique within a table; kept in every output
    text: str = ""  # the words of the post; may be empty
    title: str = ""  # read before the text
    image: Path | bytes | None = None  # a picture's file or its bytes
    emotion: str | None = None  # the label, if known
    # The cells of the further columns, to be written out unchanged. Those of the columns below are in it too, but only
    # the fields below are read.
    other: Mapping[str, object] = field(default_factory=dict)
    row: int = field(default=0, compare=False, repr=False)  # its number in the table, from 1; 0 if it comes from none
    created_at: datetime | None = field(default=None, kw_only=True)  # in UTC
    day_only: bool = field(default=False, kw_only=True)  # only the day is known; `created_at` is its first moment then
    tags: tuple[str, ...] = field(default=(), kw_only=True)  # those kept apart from the words, without #
    author: str = field(default="", kw_only=True)  # empty if not known, like those below
    source: str = field(default="", kw_only=True)
    url: str = field(default="", kw_only=True)
    alt_text: str = field(default="", kw_only=True)  # what its author says that the picture shows; no part of the words
    picture_address: str = field(default="", kw_only=True)  # where the picture is on the web, if it is not here
    warnings: tuple[str, ...] = field(default=(), kw_only=True)  # what of its row was not used, a sentence each

    @property
    def has_text(self) -> bool:
        """Whether there are any words to read."""
        return not (is_blank(self.text) and is_blank(self.title))

    @property
    def words_alone(self) -> "Post":
        """The post without its picture and what is said of it."""
        return replace(self, image=None, alt_text="")

    @property
    def picture_name(self) -> str:
        """The name of its picture's file, or the SHA-256 of the bytes; that of no bytes for no picture."""
        return self.image.name if isinstance(self.image, Path) else sha256(self.image or b"").hexdigest()

    @property
    def texts(self) -> tuple[str, ...]:
        """Title and text, as far as there are any; a title that only repeats the text is left out."""
        title, text = self.title.strip(), self.text.strip()
        return tuple(part for part in ("" if title == text else title, text) if not is_blank(part))


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model predicts for a post."""

    id: str  # the post's
    emotion: str | None  # the most probable; None if nothing in the post could be read
    probabilities: Mapping[str, float]  # by emotion, in the model's order; they sum to one. Empty if `emotion` is None
    modalities: tuple[str, ...]  # what was actually used, such as `text`, `image` and `image_text`
    warnings: tuple[str, ...] = ()  # what was left out or cut, one sentence each
