"""Captions: what people wrote about pictures, as words.

Of a posts table, the text of a post that has a picture; its title where it has no text. A table of captions, as
Flickr8k has one, has several rows for each picture; the experiment of Bucher's two chains reads it.
"""

from pathlib import Path

from feelscope.errors import TableError
from feelscope.post import Post
from feelscope.table.csv_file import CsvRows
from feelscope.table.quarantine import BadRow
from feelscope.text.tokens import split


def caption_of(post: Post) -> list[str]:
    """The words of the caption of a post's picture; none where it has no words."""
    return split(post.text) or split(post.title)


def said_of(post: Post) -> set[str]:
    """All words of a post, its title's too: what the questions about its picture are answered by in training."""
    return {word for part in post.texts for word in split(part)}


def read_captions(path: Path) -> dict[str, list[str]]:
    """Read a CSV table of captions with the columns `image` and `caption`.

    Returns:
        By picture, as the table names it, what was said of it.

    Raises:
        TableError: A column is missing, or a row is broken or lacks a picture or a caption.
    """
    captions: dict[str, list[str]] = {}
    rows = CsvRows(path)
    if missing := [name for name in ("image", "caption") if name not in rows.columns()]:
        raise TableError(f"{path}: no column {missing[0]!r}; a table of captions has the columns image and caption")
    for number, row in enumerate(rows, 1):
        image, caption = ("", "") if isinstance(row, BadRow) else (str(row["image"]), str(row["caption"]))
        if not image.strip() or not caption.strip():
            raise TableError(f"{path}: row {number} has no picture or no caption; mend it or take it out")
        captions.setdefault(image, []).append(caption)
    return captions
