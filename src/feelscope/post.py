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
        title: Read before the text.
        image: A picture's file or its bytes; None for a post without a picture.
        emotion: The label, if known.
        other: The cells of the further columns, to be written out unchanged. Those of the columns below are in it too,
            but only the fields below are read.
        row: The number of its row in the table, from 1; 0 if it comes from none. Ignored when posts are compared.
        created_at: In UTC; None if not known.
        day_only: Whether only the day is known; `created_at` is its first moment then.
        tags: Those that the platform keeps apart from the words, without #.
        author: Empty if not known, like `source` and `url`.
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
        """Title and text, as far as there are any; a title that only repeats the text is left out."""
        title, text = self.title.strip(), self.text.strip()
        return tuple(part for part in ("" if title == text else title, text) if part)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model predicts for a post.

    Args:
        id: The post's id.
        emotion: The most probable emotion; None if nothing in the post could be read.
        probabilities: Emotion to probability, in the model's order; they sum to one. Empty if `emotion` is None.
        modalities: What was actually used, such as `text` and `image`.
        warnings: What was left out or cut, one sentence each.
    """

    id: str
    emotion: str | None
    probabilities: Mapping[str, float]
    modalities: tuple[str, ...]
    warnings: tuple[str, ...] = ()
