"""The audit of scores by kind of post, as text, as a figure, and as a page."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from feelscope.audit.page import bullets, section, shown_figure, whole_page
from feelscope.audit.scores import ALL, FEW, GroupScores, ScoreAudit
from feelscope.audit.summary import plain, signed
from feelscope.drawing import BLUE, GREY, Drawn, canvas, draw_intervals, save
from feelscope.errors import FeelscopeError
from feelscope.explain.page import table
from feelscope.files import write_json, write_text, writing_folder

_PAGE = 7.0  # inches


def sentences(audit: ScoreAudit) -> list[str]:
    """For whom the model is less right or less honest, as far as the posts say."""
    some = [one for one in audit.groups if one.kind != ALL and one.posts >= FEW]
    tests = f"; each of {len(some)} groups has an interval of its own, so about one in twenty would be named by chance"
    less = [one for one in some if one.more_right_high < 0]
    sure = [one for one in some if one.too_sure_low > 0]
    unsure = [one for one in some if one.too_sure_high < 0]
    few = [one for one in audit.groups if one.kind != ALL and one.posts < FEW]
    found = []
    for rows, said, of in (
        (
            less,
            "Less often right than on all other posts",
            lambda one: (one.more_right, one.more_right_low, one.more_right_high),
        ),
        (sure, "Surer than right", lambda one: (one.too_sure, one.too_sure_low, one.too_sure_high)),
        (unsure, "Less sure than right", lambda one: (one.too_sure, one.too_sure_low, one.too_sure_high)),
    ):
        if rows:
            found.append(f"{said}: {'; '.join(f'{_name(one)} {_signed(of(one))}' for one in rows)}{tests}.")
    if not found:
        found.append(f"No group of {FEW} posts or more is less often right, or surer than right, beyond its interval.")
    if few:
        found.append(f"Fewer than {FEW} posts, so rough: {', '.join(f'{_name(one)} ({one.posts})' for one in few)}.")
    return found


def _name(one: GroupScores) -> str:
    return one.group if one.kind == ALL else f"{one.kind}: {one.group}"


def _signed(three: tuple[float, float, float]) -> str:
    return signed(three[0], three[1:])


def _cells(one: GroupScores) -> tuple[str, ...]:
    return (
        _name(one),
        f"{one.posts:,}",
        plain(one.accuracy, (one.accuracy_low, one.accuracy_high)),
        _signed((one.more_right, one.more_right_low, one.more_right_high)),
        plain(one.macro_f1, (one.macro_f1_low, one.macro_f1_high)),
        plain(one.ece, (one.ece_low, one.ece_high)),
        _signed((one.too_sure, one.too_sure_low, one.too_sure_high)),
    )


_HEADS = ("posts with", "posts", "accuracy", "less that of others", "macro-F1", "calibration error", "too sure by")


def to_text(audit: ScoreAudit) -> str:
    """Findings, and a line for each group."""
    rows = [_HEADS, *map(_cells, audit.groups)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEADS))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(
        [f"{audit.model} by kind of post, with 95% intervals\n", *(f"- {one}" for one in sentences(audit)), "", *lines]
    )


def figure(audit: ScoreAudit) -> Drawn:
    """Accuracy, and how much surer than right the model is, of each group; the lines are of all posts and of 0."""
    every, *groups = audit.groups
    names = [f"{_name(one)} ({one.posts:,})" for one in groups]
    with canvas(_PAGE, 0.9 + 0.19 * len(groups), "explain") as figure:
        panels = figure.subplots(1, 2, sharey=True)
        for panel, key, line, title in (
            (panels[0], "accuracy", every.accuracy, "accuracy; the line: of all posts"),
            (panels[1], "too_sure", 0.0, "confidence less accuracy; above 0: too sure"),
        ):
            rows = [
                {key: getattr(one, key), "low": getattr(one, f"{key}_low"), "high": getattr(one, f"{key}_high")}
                for one in groups
            ]
            draw_intervals(panel, names, rows, key)
            panel.axvline(line, color=GREY, linewidth=0.8)
            panel.set_title(title)
            for place, one in enumerate(groups):
                if one.posts < FEW:
                    panel.plot(getattr(one, key), place, "o", color=BLUE, markerfacecolor="white")
    return figure, [asdict(one) for one in audit.groups]


def write(audit: ScoreAudit, out: Path, command: str, notes: Sequence[str] = ()) -> None:
    """Write scores.json, the figure with its table, and the page, into a folder."""
    with writing_folder(out, FeelscopeError):
        save(*figure(audit), out, "groups")
        write_json(out / "scores.json", audit.to_json())
        caption = (
            f"95% intervals over posts; empty marks: fewer than {FEW} posts. A post may be of several styles. Groups "
            "differ in their emotions too, so a lower accuracy may be that of harder emotions."
        )
        body = [
            section("Findings", bullets([*sentences(audit), *notes])),
            section("Figure", shown_figure(out / "groups.png", caption)),
            table("All numbers", _HEADS, [_cells(one) for one in audit.groups], 6),
        ]
        answer = f"{audit.groups[0].posts:,} labelled posts, as they are, by length, style and modalities."
        made = f"Model {audit.model}. Made by: {command}"
        write_text(out / "index.html", whole_page("Scores by kind of post", answer, "".join(body), [made]))
