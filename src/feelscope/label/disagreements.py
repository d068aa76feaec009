"""The posts that people answered differently, as a table."""

from pathlib import Path

from feelscope.errors import LabelError
from feelscope.label.answers import ADJUDICATE, LABEL, Answers
from feelscope.label.opened import Opened
from feelscope.label.verdicts import disagreements
from feelscope.label.written_rows import Pictures, Row, check_new, write_rows


def write_disagreements(opened: Opened, out: Path) -> int:
    """Write the posts that people answered differently: each with everybody's answer and note, and the decision.

    Raises:
        LabelError: The file is there, or there is no such post.
    """
    check_new(out)
    labels, decisions = Answers(opened.answers, LABEL), Answers(opened.answers, ADJUDICATE)
    differ = disagreements(labels.by_person)
    pictures = Pictures(opened, out)
    people = sorted(labels.by_person)
    rows: list[Row] = []
    for post in opened.posts:
        if post.id in differ:
            own = {"id": post.id, "title": post.title, "text": post.text, "image": pictures.path(post)}
            said = {f"answer of {who}": differ[post.id].get(who, "") for who in people}
            notes = {f"note of {who}": labels.notes.get(who, {}).get(post.id, "") for who in people}
            rows.append({**own, **said, **notes, "decision": decisions.last.get(post.id, ("", ""))[1]})
    if not rows:
        raise LabelError(f"{labels.path}: no post was answered differently by two people; nothing is written")
    write_rows(out, rows, [*rows[0]])
    return len(rows)
