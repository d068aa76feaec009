"""Predictions of a table on a terminal: a line for each of the first posts, and the share of each emotion."""

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from feelscope.cli.emotions import bars, emoji, read_from
from feelscope.post import Post
from feelscope.text import printable
from feelscope.text.counts import counted
from feelscope.text.width import columns, padded

SHOWN = 20  # posts
_MOST_ID, _LEAST_TEXT = 16, 12  # columns
_MOST_NOTES = 3

Row = Mapping[str, Any]


def table_lines(predicted: Sequence[tuple[Post, Row]]) -> list[str]:
    """A heading, and a line for each post: its id, the begin of its words, the answer, how sure, and what was read."""
    cells = [
        (cut(post.id, _MOST_ID), " ".join(post.texts), _answer(row), f"{max(row['probabilities'].values()):.0%}", row)
        for post, row in predicted
    ]
    id_width = max(2, *(columns(cell[0]) for cell in cells))
    answer_width = max(7, *(columns(cell[2]) for cell in cells))
    read = [read_from(cell[4]["modalities"]) + " !" * bool(cell[4]["warnings"]) for cell in cells]
    others = id_width + answer_width + 4 + max(4, *map(len, read)) + 8
    room = max(_LEAST_TEXT, shutil.get_terminal_size().columns - others - 1)
    room = min(room, max(4, *(columns(printable.line(cell[1])) for cell in cells)))
    head = f"{padded('id', id_width)}  {padded('post', room)}  {padded('emotion', answer_width)}  sure  read"
    lines = [
        f"{padded(id, id_width)}  {padded(cut(words, room), room)}  {padded(answer, answer_width)}  {sure:>4}  {what}"
        for (id, words, answer, sure, _), what in zip(cells, read, strict=True)
    ]
    return [head, *lines]


def share_lines(answers: Counter[str], emotions: Iterable[str], warned: Counter[str], shown: int) -> list[str]:
    """What all posts of a table together are: the share of each emotion, how many were not shown, and warnings.

    Args:
        answers: Posts by emotion; a refused answer is under the empty name.
    """
    total = answers.total()
    lines = [f"and {total - shown:,} more; --out FILE writes all, --json shows all"] if total > shown else []
    lines += ["", counted(total, "post")]
    if answered := total - answers[""]:
        lines += bars({name: answers[name] / answered for name in emotions})
    if answers[""]:
        lines.append(f"  no answer to {counted(answers[''], 'post')}, which the shares leave out")
    for said, number in warned.most_common(_MOST_NOTES):
        lines.append(f"! {counted(number, 'post')}: {said}")
    if (more := len(warned) - _MOST_NOTES) > 0:
        lines.append(f"! and {counted(more, 'other warning')}; --json shows them")
    return lines


def kind_of(warning: str) -> str:
    """A warning without what differs from post to post."""
    return warning.partition(" (")[0].partition(": ")[0]


def cut(text: str, width: int) -> str:
    """As much of a text, in one line, as so many columns have room for."""
    text = printable.line(" ".join(text.split()))
    if columns(text) <= width:
        return text
    kept = text[: max(width - 1, 0)]
    while columns(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def _answer(row: Row) -> str:
    name = row["emotion"]
    return f"{emoji(name)} {name}" if name else "   no answer"
