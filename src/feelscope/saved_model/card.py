"""The model card: what a model is for, what it was made of, how right it is, and how to make it again.

Sections follow Mitchell et al. 2019, "Model Cards for Model Reporting"; none of them may be empty.
"""

import platform
import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from importlib import metadata
from pathlib import Path
from typing import Any

from feelscope.errors import ConfigError
from feelscope.files import read_bounded, write_text
from feelscope.metrics.intervals import shown, with_interval
from feelscope.post import COMBINATIONS, WITH_EMOJI
from feelscope.saved_model.audit_limits import limits_of

FILE = "README.md"
AUDIT = "Audit"  # the section that `feelscope audit gender --card` writes
_MOST_BYTES = 4_000_000  # of a card, which may be foreign
FEW = 50  # posts; below, the 95% interval of an F1 is wider than 0.2
PACKAGES = ("feelscope", "numpy", "onnxruntime", "tokenizers", "pillow", "torch", "transformers", "safetensors")

Json = Mapping[str, Any]


def installed_versions() -> dict[str, str]:
    """Versions of Python and of the packages a model depends on, as far as they are installed."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue  # a card written without torch is a card of a model that needed none
    return versions


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """One set of posts the model was made or scored with.

    Args:
        posts: How many of its posts were used; None of a set of something else, as of word vectors.
        licence: Its terms, or "not stated" where its makers state none.
        used_for: "training", "scores", and so on.
    """

    name: str
    posts: int | None
    licence: str
    used_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything a model card says that cannot be read from the scores.

    Args:
        purpose: Who it is for and what it does, in a sentence or two.
        not_for: Uses to keep away from, one sentence each.
        emotions: In the model's order.
        how: The model in a sentence or two: encoders, fusion, size.
        modalities: What it reads of a post, in the model's order.
        licence: Of the model's own files.
        scores: Name of an evaluation set to `Evaluation.to_json()`.
        calibration: How the probabilities were calibrated, or that they were not.
        seeds: All that were run for the scores given.
        command: Rebuilds the model, as typed.
        limits: What it cannot do, one sentence each; weak and untested emotions are added from the scores.
        score_blocks: What stands before the scores, in Markdown; where they come from, say.
    """

    name: str
    purpose: str
    not_for: Sequence[str]
    emotions: Sequence[str]
    how: str
    modalities: Sequence[str]
    licence: str
    data: Sequence[DataSet]
    scores: Mapping[str, Json]
    calibration: str
    seeds: Sequence[int]
    command: str
    limits: Sequence[str]
    score_blocks: Sequence[str] = ()
    versions: Mapping[str, str] = field(default_factory=installed_versions)


def write_card(folder: Path, card: Card) -> Path:
    """Write the card, README.md, into the model's folder; figures in its `figures/` are shown.

    Raises:
        ConfigError: A field of the card is empty.
    """
    text = card_text(card, {file.stem for file in (folder / "figures").glob("*.png")})
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / FILE, text)
    return folder / FILE


def licence_of(folder: Path) -> str:
    """The licence that a model's card says, in one line; empty where it says none."""
    if not (folder / FILE).is_file():
        return ""
    text = read_bounded(folder / FILE, _MOST_BYTES).decode("utf-8", "replace")
    found = re.search(r"^Licence: (.+)$", text, re.MULTILINE)
    return found[1] if found else ""


def add_note(folder: Path, title: str, *blocks: str) -> None:
    """Add a section to the end of a model's card, where it has one: what was done to the model later.

    It takes the place of an earlier one with its title.
    """
    if (folder / FILE).is_file():
        text = read_bounded(folder / FILE, _MOST_BYTES).decode("utf-8", "replace")
        text = re.sub(rf"^## {re.escape(title)}$.*?(?=^## |\Z)", "", text, flags=re.MULTILINE | re.DOTALL)
        write_text(folder / FILE, "\n\n".join([text.rstrip(), f"## {title}", *blocks]) + "\n")


def not_audited(name: str, modalities: Collection[str]) -> list[str]:
    """What the section on audits says until an audit takes its place, in Markdown.

    Args:
        name: Of the model's folder.
        modalities: What the model reads.
    """
    if "text" not in modalities:
        return ["Not audited, and it cannot be: an audit asks a model sentences, and this one reads no words."]
    return [
        "Not audited: what gender moves in its answers is not known. This measures it and writes it here:",
        f"```\nfeelscope audit gender --model {shlex.quote(name)} --card\n```",
        "What such an audit cannot say:",
        bullets(limits_of([*modalities])),
    ]


def card_text(card: Card, figures: Collection[str] = ()) -> str:
    """The card in Markdown; `figures` names those that lie beside it as figures/NAME.png."""
    for one in fields(card):
        value = getattr(card, one.name)
        if one.default is MISSING and not (value.strip() if isinstance(value, str) else value):
            raise ConfigError(f"the model card has no `{one.name}`: fill it in, a card has no empty section")
    sections = {
        "What it is for": [card.purpose, "Not for:", bullets(card.not_for)],
        "The model": [card.how, f"Emotions: {', '.join(card.emotions)}.", f"Licence: {card.licence}"],
        "Data and licences": [
            table(
                ("set", "posts", "used for", "licence"),
                [
                    (one.name, "–" if one.posts is None else f"{one.posts:,}", one.used_for, one.licence)
                    for one in card.data
                ],
            )
        ],
        "Scores": [
            *card.score_blocks,
            *_scores(card),
            *_figures(figures, "confusion", "f1_by_emotion", "by_modality", "learning_curve"),
        ],
        "Calibration": [card.calibration, *_calibration(card), *_figures(figures, "reliability")],
        "Limits": [bullets([*card.limits, *_limits_in_scores(card)])],
        AUDIT: not_audited(card.name, card.modalities),
        "How to rebuild it": [f"```\n{card.command.strip()}\n```", f"Seeds: {', '.join(map(str, card.seeds))}."],
        "Versions": [table(("package", "version"), card.versions.items())],
    }
    blocks = [f"# {_flat(card.name)}"]
    for title, body in sections.items():
        blocks += [f"## {title}", *(block.strip() for block in body)]
    return "\n\n".join(blocks) + "\n"


def _scored(card: Card) -> Iterator[tuple[str, str, Json]]:
    """Each set, and the scores of each combination of modalities that the set has."""
    for name, evaluation in card.scores.items():
        for key, title in {**COMBINATIONS, **WITH_EMOJI}.items():
            if evaluation.get(key) is not None:
                yield name, title, evaluation[key]


def _scores(card: Card) -> Iterator[str]:
    yield (
        "Scores from 0 to 1 with their 95% bootstrap intervals. A macro-F1 is the mean over the emotions a set has; an "
        'answer outside them counts as wrong, except under "restricted", where only they may be answered.'
    )
    keys = ("accuracy", "macro_f1", "micro_f1", "weighted_f1")
    titles = ["set", "posts read", "posts", "accuracy", "macro-F1", "micro-F1", "weighted F1", "macro-F1 restricted"]
    rows = []
    for name, title, scores in _scored(card):
        restricted = shown(scores["restricted"], "macro_f1")
        rows.append([name, title, f"{scores['posts']:,}", *(shown(scores, key) for key in keys), restricted])
    yield table(titles, rows)
    for name, evaluation in card.scores.items():
        yield f"### {_flat(name)}, by emotion"
        alone = [key for key in ("text", "image") if evaluation[key] is not None]
        titles = ["emotion", "posts", "precision", "recall", "F1", *(f"F1 {COMBINATIONS[key]}" for key in alone)]
        yield table(titles, (_emotion(evaluation, emotion, alone) for emotion in evaluation["both"]["per_emotion"]))


def _emotion(evaluation: Json, emotion: str, alone: Sequence[str]) -> Iterator[str]:
    whole = evaluation["both"]["per_emotion"][emotion]
    yield from (emotion, f"{whole['support']:,}", f"{whole['precision']:.3f}", f"{whole['recall']:.3f}")
    for key in ("both", *alone):
        scores = evaluation[key]["per_emotion"].get(emotion)
        yield "–" if scores is None else with_interval(scores["f1"], scores["f1_interval"])


def _calibration(card: Card) -> Iterator[str]:
    rows = []
    for name, title, scores in _scored(card):
        bins = [row for row in scores["reliability"] if row["posts"]]
        posts = max(1, sum(row["posts"] for row in bins))
        sure, right = (sum(row["posts"] * row[key] for row in bins) / posts for key in ("confidence", "accuracy"))
        rows.append((name, title, shown(scores, "ece"), f"{sure:.3f}", f"{right:.3f}"))
    yield "Expected calibration error over 15 bins of equal width (Guo et al. 2017), and how sure the model is:"
    yield table(("set", "posts read", "calibration error", "mean confidence", "share right"), rows)


def _limits_in_scores(card: Card) -> Iterator[str]:
    """What the scores themselves say about where not to trust the model."""
    scored = {emotion for evaluation in card.scores.values() for emotion in evaluation["both"]["per_emotion"]}
    if never := [emotion for emotion in card.emotions if emotion not in scored]:
        yield f"No set it was scored on has {', '.join(never)}: how well it recognises them is not known."
    for key, alone in (("text", "words"), ("image", "pictures")):
        if all(evaluation[key] is None for evaluation in card.scores.values()):
            yield f"It was not scored on {alone} alone: how well it reads them is not known."
    for name, evaluation in card.scores.items():
        by_emotion = evaluation["both"]["per_emotion"]
        worst, of = min(by_emotion.items(), key=lambda pair: pair[1]["f1"])
        yield f"Weakest on {_flat(name)}: {worst}, F1 {with_interval(of['f1'], of['f1_interval'])}."
        if few := [f"{emotion} ({of['support']})" for emotion, of in by_emotion.items() if of["support"] < FEW]:
            yield f"Fewer than {FEW} posts on {_flat(name)}, so rough scores: {', '.join(few)}."


def _figures(present: Collection[str], *names: str) -> Iterator[str]:
    return (f"![{name.replace('_', ' ')}](figures/{name}.png)" for name in names if name in present)


def bullets(sentences: Sequence[str]) -> str:
    """Sentences as a list in Markdown."""
    return "\n".join(f"- {_flat(sentence)}" for sentence in sentences)


def table(titles: Sequence[str], rows: Any) -> str:
    """A table in Markdown."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(_flat(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def _flat(text: str) -> str:
    """On one line, as a cell, a heading or a bullet needs it."""
    return " ".join(text.split())
