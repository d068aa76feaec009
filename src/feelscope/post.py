"""The frozen shapes that flow through Feelscope: a post comes in, a prediction goes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

MODALITIES = ("text", "image")
# Combinations of modalities that posts are read and scored with, by the key in files, as people read them.
COMBINATIONS = {"both": "as they are", "text": "text only", "image": "image only"}


@dataclass(frozen=True, slots=True)
class Post:
    """One post: words, a picture, or both.

    Args:
        id: Unique within a table; kept in every output.
        text: The words of the post; may be empty.
        title: Read before the text where present.
        image: A picture's file or its bytes; None for a post without a picture.
        emotion: The label, where it is known.
        other: Every further column of the table as it stands there, to be written out again; the columns of the
            fields below are read from those alone.
        row: The number of its row in the table, from 1; 0 where it comes from none. It does not make a post another.
        created_at: In UTC; None where it is not known.
        day_only: Whether only the day is known; `created_at` is its first moment then.
        tags: Those that the platform keeps apart from the words, without #.
        author: Empty where it is not known, as `source` and `url` are.
    """

    id: str
    text: str = ""
    title: str = ""
    image: Path | bytes | None = None
    emotion: str | None = None
    other: Mapping[str, object] = field(default_factory=dict)
    row: int = field(default=0, compare=False, repr=False)
    created_at: datetime | None = field(default=None, kw_only=True)
    day_only: bool = field(default=False, kw_only=True)
    tags: tuple[str, ...] = field(default=(), kw_only=True)
    author: str = field(default="", kw_only=True)
    source: str = field(default="", kw_only=True)
    url: str = field(default="", kw_only=True)

    @property
    def has_text(self) -> bool:
        """Whether there are any words to read."""
        return bool(self.text.strip() or self.title.strip())

    @property
    def texts(self) -> tuple[str, ...]:
        """What there is to read of title and text, in this order; a title that only repeats the text is read once."""
        title, text = self.title.strip(), self.text.strip()
        return tuple(part for part in ("" if title == text else title, text) if part)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model reads from a post.

    Args:
        id: The post's id.
        emotion: The most probable emotion; None where nothing of the post could be read.
        probabilities: Emotion to probability, in the model's order; sums to one, empty where `emotion` is None.
        modalities: What was really used, of `text` and `image`.
        warnings: What was left out or cut, one sentence each.
    """

    id: str
    emotion: str | None
    probabilities: Mapping[str, float]
    modalities: tuple[str, ...]
    warnings: tuple[str, ...] = ()
