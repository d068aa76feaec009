"""A post's picture to the words in it, and the post with these words behind its own."""

from dataclasses import replace
from pathlib import Path

from feelscope.errors import ConfigError
from feelscope.image_text.lines import LineReader
from feelscope.image_text.words import WordSettings, words_of
from feelscope.images import read_within
from feelscope.memory import BUDGET, give_back_freed
from feelscope.post import Post

_SIDE = 2000  # pixels of the longer side that lines are read at; RapidOCR would make larger pictures as small


class PictureWords:
    """Reads the words in pictures. Safe to call from many threads; as many work at once as memory allows.

    Raises:
        MissingExtra: What reads them is not installed.
        ConfigError: The memory that pictures may take is not enough for one.
    """

    def __init__(self, settings: WordSettings | None = None):
        self._settings = settings or WordSettings()
        if BUDGET.decoding.size < LineReader.MOST_BYTES:
            least = BUDGET.enough(LineReader.MOST_BYTES, BUDGET.decoding)
            raise ConfigError(f"--read-pictures: needs --memory {least} or more, found {BUDGET.megabytes}")
        self._reader = LineReader()

    def read(self, picture: Path | bytes) -> str:
        """The words of a picture that count as a post's; empty without any.

        Raises:
            PictureError: It cannot be read.
        """
        rgb = read_within(picture, _SIDE)  # (H, W, 3)
        with BUDGET.decoding.take(LineReader.MOST_BYTES):
            try:
                lines = self._reader.lines(rgb)
            finally:
                give_back_freed()
        return words_of(lines, self._settings)


def with_words(post: Post, read: str) -> Post:
    """A post with words that were read in its picture behind its own; a title that repeats the text is left out."""
    title = "" if post.title.strip() == post.text.strip() else post.title
    return replace(post, title=title, text=f"{post.text}\n{read}" if post.text.strip() else read)
