"""The card of a bottleneck: what it is for, what it asks, how right it is, and how to make it again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from feelscope.bottleneck.folder import BottleneckParts
from feelscope.files import write_text
from feelscope.models.semantic_bottleneck import answers_of
from feelscope.saved_model import card
from feelscope.train.data import Corpus
from feelscope.train.recipe import Recipe

_LIMITS = (
    "Captions are written by a small network that saw a few thousand of them: they are often wrong in detail, and the "
    "classifier learnt to live with that.",
    "An answer says how likely a caption of such a picture has the word, beside other pictures; it is no statement of "
    "fact about the people in it.",
    "Less accurate than a model that reads the picture itself.",
)


def write(
    folder: Path,
    recipe: Recipe,
    corpus: Corpus,
    parts: BottleneckParts,
    record: Mapping[str, Any],
    scores: Mapping[str, Mapping[str, float]],
    *,
    built: str,
    command: str,
) -> None:
    """Write README.md; it is the last file of a finished training.

    Args:
        built: What reads pictures.
        command: That makes the run again.
    """
    rows = [
        f"| {_cell(name)} | {found['posts']:,} | {found['accuracy']:.3f} | {found['macro_f1']:.3f} "
        f"({found['macro_f1_low']:.3f} to {found['macro_f1_high']:.3f}) | {found['ece']:.3f} |"
        for name, found in scores.items()
    ]
    learnt = [
        f"| {name.replace('_', ' ')} | {_number(one, 'score')} | {_number(one, 'answer_auc')} | "
        f"{_number(one, 'answer_accuracy')} | {_number(one, 'always_no')} |"
        for name, one in record.items()
    ]
    data = [
        f"| {_cell(one.source.name)} | {len(one.posts):,} | {_cell(one.source.licence)} |" for one in corpus.sources
    ]
    answers = ", ".join(answers_of(parts.settings.answers))
    asked = ", ".join(parts.asked) or "none"
    lines = [
        f"# {_cell(parts.name)}",
        "## What it is for",
        _cell(recipe.purpose),
        "Not for: deciding about a person.",
        "## What it says of a picture",
        f"A caption of at most {parts.settings.caption_words} words, and one of {answers} to whether a caption would "
        f"have each of these {len(parts.asked)} words: {_cell(asked)}.",
        f"Emotions: {_cell(', '.join(parts.emotions))}. Pictures are read by {_cell(built)}.",
        "## Data and licences",
        "\n".join(["| set | posts | licence |", "| --- | --- | --- |", *data]),
        "## Scores, from the text alone",
        "\n".join(
            ["| set | pictures | accuracy | macro-F1 | calibration error |", "| --- | --- | --- | --- | --- |", *rows]
        ),
        "On the validation split, before and after all learnt together; answers are scored against the words of "
        "people's captions:",
        "\n".join(
            [
                "| when | macro-F1 | area under the answers' ROC curves | answers right | always no |",
                "| --- | --- | --- | --- | --- |",
                *learnt,
            ]
        ),
        "## Limits",
        "\n".join(f"- {limit}" for limit in _LIMITS),
        "## How to rebuild it",
        f"```\n{command}\n```",
        f"Seed: {recipe.seed}.",
        "## Versions",
        "\n".join(
            [
                "| package | version |",
                "| --- | --- |",
                *(f"| {a} | {b} |" for a, b in card.installed_versions().items()),
            ]
        ),
    ]
    write_text(folder / card.FILE, "\n\n".join(lines) + "\n")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _number(record: Mapping[str, Any], name: str) -> str:
    return "–" if record.get(name) is None else f"{record[name]:.3f}"
