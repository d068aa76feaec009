"""The labelled table: each post with the emotion that came out, for `train`, `evaluate`, `estimate` and other tools.

id  text            emotion    agreement  raters  decided  ...all other columns of what was opened
7   Rain at last    joy        0.6667     3       false
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from feelscope.errors import LabelError
from feelscope.label.answers import ADJUDICATE, LABEL, Answers
from feelscope.label.codebook import UNCLEAR
from feelscope.label.opened import Opened
from feelscope.label.verdicts import TIE, verdicts
from feelscope.label.written_rows import Pictures, Row, check_new, write_rows
from feelscope.post import Post
from feelscope.table.raters import AGREEMENT, RATERS
from feelscope.text.counts import counted

DECIDED = "decided"
_OWN = ("id", "title", "text", "image", "emotion", AGREEMENT, RATERS, DECIDED)
BEFORE = "_before"  # behind the name of a column of the table that has another's name here


@dataclass(slots=True)
class Exported:
    """What was written, and what was left out and why."""

    posts: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        reasons = ", ".join(f"{count:,} {why}" for why, count in self.left_out.most_common())
        return f"{counted(self.posts, 'post')}{f'; left out: {reasons}' if reasons else ''}"


def export(opened: Opened, out: Path) -> Exported:
    """Write the labelled table, in the format of the file's ending.

    Raises:
        LabelError: The file is there, or no post has an emotion.
        TableError: It cannot be written.
    """
    check_new(out)
    done = Exported()
    rows = labelled_rows(opened, out, done)
    if not rows:
        raise LabelError(f"{opened.answers}: no post has an emotion yet ({done}); nothing is written")
    write_rows(out, rows, _OWN)
    return done


def labelled_rows(opened: Opened, out: Path, done: Exported) -> list[Row]:
    """The rows of all posts that have an emotion.

    Args:
        out: The file, from whose folder the pictures' paths start.
        done: Counts what is left out.
    """
    came_out = verdicts(Answers(opened.answers, LABEL), Answers(opened.answers, ADJUDICATE))
    pictures = Pictures(opened, out)
    rows: list[Row] = []
    for post in opened.posts:
        verdict = came_out.get(post.id)
        if verdict is None:
            done.left_out["that nobody answered"] += 1
        elif not verdict.emotion:
            done.left_out["whose answers tie" if verdict.answer == TIE else UNCLEAR] += 1
        else:
            given = {AGREEMENT: round(verdict.agreement, 4), RATERS: verdict.raters, DECIDED: verdict.is_decided}
            own = {"id": post.id, "title": post.title, "text": post.text, "image": pictures.path(post)}
            rows.append({**own, "emotion": verdict.emotion, **given, **further(post)})
    done.posts = len(rows)
    done.remarks += pictures.remarks()
    return rows


def further(post: Post) -> Row:
    """The other columns of a post, by their names or, where these are taken, by names with `_before`."""
    cells = {f"{name}{BEFORE}" if name in _OWN else name: value for name, value in post.other.items()}
    if post.emotion:
        cells["emotion" + BEFORE] = post.emotion
    return {name: value for name, value in cells.items() if not isinstance(value, bytes)}
