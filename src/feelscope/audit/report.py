"""The folder of an audit: audit.json, tables, figures, and one page with all of it."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from feelscope.audit import figures
from feelscope.audit.found import CONTROL, Audit
from feelscope.audit.page import html
from feelscope.config import did_you_mean, shown
from feelscope.drawing import save
from feelscope.emotions import match
from feelscope.errors import ConfigError, FeelscopeError
from feelscope.files import write_json, write_text, writing_folder
from feelscope.text.csv_cells import write_csv

PAGE, JSON = "index.html", "audit.json"


def measure_of(audit: Audit, emotion: str = "") -> str:
    """The measure that figures by occupation and by swap show: the one asked for, or the one that is moved most.

    Raises:
        ConfigError: The model knows no such emotion.
    """
    if not emotion:
        own = [one for one in audit.effects if one.swaps != CONTROL and one.set == audit.sets[0]]
        return max(own, key=lambda one: one.absolute).measure
    return check_emotion(audit.measures, emotion)


def check_emotion(measures: Sequence[str], emotion: str) -> str:
    """The one of a model's emotions that is asked for.

    Raises:
        ConfigError: The model knows no such emotion.
    """
    matched, _ = match([emotion], measures)
    if emotion not in matched:
        raise ConfigError(f"--emotion: the model knows no {shown(emotion)}; {did_you_mean(emotion, measures)}")
    return matched[emotion]


def write(audit: Audit, out: Path, modalities: Sequence[str], command: str = "", emotion: str = "") -> None:
    """Write an audit into a folder.

    Args:
        modalities: What the model reads of a post.
        command: That made it, for the page.
        emotion: That the figures by occupation and by swap show; by default, the one that is moved most.
    """
    measure, first = measure_of(audit, emotion), audit.sets[0]
    with writing_folder(out, FeelscopeError):
        drawn = {"effects": figures.effects(audit)}
        if any(one.percent_women is not None for one in audit.parts):
            drawn["occupations"] = figures.by_share(audit, first, measure)
        drawn["swaps_of_one"] = figures.by_swap(audit, first, measure)
        for name, of in drawn.items():
            save(*of, out, name)
        captions = _captions(audit, first, measure)
        for by in ("subject", "swap"):
            write_csv(out / f"{by}s.csv", [asdict(one) for one in audit.parts if one.by == by])
        write_csv(out / "sizes.csv", [asdict(one) for one in audit.sizes])
        write_json(out / JSON, audit.to_json())
        shown_figures = [(out / f"{name}.png", captions[name]) for name in drawn]
        write_text(out / PAGE, html(audit, shown_figures, command, modalities))


def _captions(audit: Audit, set: str, measure: str) -> dict[str, str]:
    how = "chosen as what is moved most, so that it looks stronger than it is"
    return {
        "effects": (
            "Mean difference of each score and its 95% interval; circles: what is audited, squares: neutral swaps. An "
            "interval that does not hold 0 but whose mark is empty is no finding after the correction."
        ),
        "occupations": (
            f"Bias of each occupation on {measure}, with its 95% interval, against the share of women in it; filled "
            "marks are beyond chance after Holm's correction over all occupations and scores. The score is the one "
            f"asked for, or {how}."
        ),
        "swaps_of_one": (
            f"What each swap moves on {measure} in {set}, with its 95% interval over sentences: any word moves a "
            "model, so a single swap says little about what is audited."
        ),
    }
