"""Words to token ids: what the text encoder reads, the same in training and in use.

Emoji carry much of a post's emotion and the encoder's vocabulary has hardly any of them, so each is read by its
Unicode name: "so good 😂" becomes "so good face with tears of joy".
"""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from feelscope.post import Post

# Symbols of the emoji blocks; joiners, variation selectors and skin tones only vary the one before them.
_EMOJI = re.compile("[\U0001f300-\U0001f3fa\U0001f400-\U0001faff\u2600-\u27bf\u2b50\u2b55\u2764]")
_MODIFIERS = re.compile("[\u200d\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")  # two letters of a country
_OUTLINE = re.compile("^(?:heavy |black |white )+")  # how old symbols were drawn in print: HEAVY BLACK HEART
_CHARACTERS_PER_TOKEN = 24  # far more than any text needs: the rest of a 1 MB text is not worth splitting


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token ids of one post, without padding, and whether words had to be left out."""

    ids: list[int]
    cut: bool


def spell_emoji(text: str) -> str:
    """Write each emoji by its Unicode name."""
    if text.isascii():
        return text
    return _EMOJI.sub(_name, _FLAG.sub(" flag ", _MODIFIERS.sub("", text)))


def _name(match: re.Match[str]) -> str:
    name = unicodedata.name(match[0], "").lower()
    if match[0] < "\u2800":  # the old symbols; 🖤 is black
        name = _OUTLINE.sub("", name)
    return f" {name} "


class Tokenizer:
    """Reads title and text of a post as one sequence: [CLS] title [SEP] text [SEP].

    Args:
        file: A `tokenizer.json` of the tokenizers library.
        length: The most tokens a post may have; the rest is left out.
    """

    def __init__(self, file: Path, length: int):
        from tokenizers import Tokenizer as Implementation

        self._tokenizer = Implementation.from_file(str(file))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(length)
        self.length = length

    def __call__(self, post: Post) -> Tokens:
        """Token ids of a post; a title that only repeats the text is read once."""
        limit = self.length * _CHARACTERS_PER_TOKEN
        whole = [part.strip() for part in (post.title, post.text)]
        title, text = (spell_emoji(_valid(part[:limit])).strip() for part in whole)
        parts = [text] if title == text else [part for part in (title, text) if part]
        encoded = self._tokenizer.encode(parts[0], parts[1] if len(parts) > 1 else None)
        return Tokens(encoded.ids, cut=bool(encoded.overflowing) or any(len(part) > limit for part in whole))


def _valid(text: str) -> str:
    """The text with half characters, which the tokenizer would refuse, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
