"""The answers in the files of other programs for labelling: doccano's JSON Lines and Label Studio's JSON.

    doccano          {"id": "7", "text": "Rain at last", "label": ["joy", "joy", "sadness"]}
    Label Studio     [{"data": {"id": "7", "text": "Rain"}, "annotations": [{"completed_by": ..., "result": []}]}]

Each has the answers of all people, or the decision alone where somebody decided; `unclear` is no label.
Source: the documentation of both programs, on the format of imports and exports.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from feelscope.errors import LabelError
from feelscope.files import write_json, write_whole
from feelscope.label.answers import ADJUDICATE, LABEL, Answers
from feelscope.label.codebook import UNCLEAR
from feelscope.label.export import Exported, further
from feelscope.label.opened import Opened
from feelscope.label.verdicts import by_post
from feelscope.label.written_rows import Pictures, check_new
from feelscope.text.json_lines import dump

TABLE, DOCCANO, LABEL_STUDIO = "table", "doccano", "label-studio"
FORMATS = (TABLE, DOCCANO, LABEL_STUDIO)
_CONTROL = "emotion"  # the name of Label Studio's element for choices


def format_of(out: Path) -> str:
    """The format that a file's name asks for: of `.json`, Label Studio's."""
    return LABEL_STUDIO if out.suffix.lower() == ".json" else TABLE


def export_answers(opened: Opened, out: Path, format: str) -> Exported:
    """Write everybody's answers for another program.

    Args:
        format: `doccano` or `label-studio`.

    Raises:
        LabelError: The file is there, or nobody has named an emotion.
    """
    check_new(out)
    answers, pictures, done = answers_to(opened), Pictures(opened, out), Exported()
    people = sorted({who for given in answers.values() for who in given})
    found: list[dict[str, Any]] = []
    for post in opened.posts:
        if post.id not in answers:
            done.left_out["without an emotion"] += 1
            continue
        said = {"title": post.title, "image": pictures.path(post)}
        data = {
            "id": post.id,
            "text": post.text,
            **{name: value for name, value in said.items() if value},
            **further(post),
        }
        given = answers[post.id]
        if format == DOCCANO:
            found.append({**data, "label": [*given.values()]})
        else:
            shown = "text" if post.has_text else "image"
            rated = [_annotation(people.index(who) + 1, who, answer, shown) for who, answer in given.items()]
            found.append({"data": data, "annotations": rated})
    if not found:
        raise LabelError(f"{opened.answers}: nobody has named an emotion yet; nothing is written")
    if format == DOCCANO:
        with write_whole(out, "wb") as file:
            file.writelines(map(dump, found))
    else:
        write_json(out, found)
    done.posts = len(found)
    done.remarks += pictures.remarks()
    return done


def _annotation(number: int, who: str, answer: str, shown: str) -> dict[str, Any]:
    """What one person chose, as Label Studio has it."""
    chosen = {"type": "choices", "from_name": _CONTROL, "to_name": shown, "value": {"choices": [answer]}}
    by = {"id": number, "first_name": who, "last_name": "", "email": ""}
    return {"completed_by": by, "was_cancelled": False, "result": [chosen]}


def answers_to(opened: Opened) -> Mapping[str, Mapping[str, str]]:
    """Post to annotator to emotion, without unclear ones; where somebody decided, that person's alone."""
    found = by_post(Answers(opened.answers, LABEL).by_person)
    found |= {id: {who: answer} for id, (who, answer) in Answers(opened.answers, ADJUDICATE).last.items()}
    kept = {id: {who: one for who, one in given.items() if one != UNCLEAR} for id, given in found.items()}
    return {id: given for id, given in kept.items() if given}
