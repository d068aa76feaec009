"""What a report found, in sentences: for the terminal and for the top of the page."""

from collections.abc import Iterator
from datetime import date, timedelta

from feelscope.report.found import ByColumn, Event, OverTime, Report
from feelscope.report.settings import LEAST_POSTS
from feelscope.report.words import between, day, interval, percent, points, when
from feelscope.text.counts import counted

BIASED = (
    "These are shares of what the model answered. Where it errs more often one way than the other, they are biased, "
    "and the intervals do not show that; feelscope estimate corrects them by a few hundred posts that people label."
)
_NAMED = 3


def sentences(report: Report) -> list[str]:
    """The findings, most general first."""
    found = [_all(report)]
    found += [one for column in report.by for one in _by_column(column)]
    if report.over is not None:
        found += _over_time(report.over, report.undated)
    if report.event is not None:
        found += _event(report.event)
    if (one := report.agreement) is not None:
        kappa = f", Cohen's kappa {one.kappa:.2f}" if one.kappa is not None else ""
        found.append(
            f"Words alone and picture alone say the same in {percent(one.agreed)} ({interval(one.low, one.high)}) of "
            f"{counted(one.posts, 'post')} that have both{kappa}."
        )
    sure = report.sure
    found.append(
        f"The model gives its answers a probability of {percent(sure.mean)} on average, and less than a half to "
        f"{percent(sure.under_half)} of them."
    )
    return found


def _all(report: Report) -> str:
    named = [one for one in report.shares if one.posts][:_NAMED]
    listed = ", ".join(f"{one.emotion} {percent(one.share)} ({interval(one.low, one.high)})" for one in named)
    span = ""
    if report.first:
        same = report.first == report.last
        span = f" of {day(report.first)}" if same else f" from {day(report.first)} to {day(report.last)}"
    most = "The most frequent" if len(named) > 1 else "The only emotion"
    return f"{counted(report.answered, 'post')}{span}. {most}: {listed}."


def _by_column(found: ByColumn) -> Iterator[str]:
    groups = [group for group in found.groups if group.merged == 1 and group.posts >= LEAST_POSTS]
    if len(groups) < 2:
        yield f"By {found.column}: fewer than two groups have {LEAST_POSTS} posts, so they are not compared."
    elif (one := found.clearest) is None:
        yield f"By {found.column}: no difference between {counted(len(groups), 'group')} is beyond chance."
    else:
        sides = f"{percent(one.first)} in {one.names[0]} and {percent(one.second)} in {one.names[1]}"
        yield (
            f"By {found.column}: the clearest difference is in {one.emotion}, {sides}: {points(one.difference)} points "
            f"({between(one.low, one.high)})."
        )
    for group in found.groups:
        if group.merged > 1:
            few = f"{group.merged:,} values of {found.column} have under {LEAST_POSTS} posts"
            yield f"{few} and are taken together: {counted(group.posts, 'post')}."
        elif group.posts < LEAST_POSTS:
            yield f"{group.name} has {counted(group.posts, 'post')} only, which say little."
    if found.without:
        yield f"{counted(found.without, 'post')} without a {found.column}, left out of the groups."


def _over_time(found: OverTime, undated: int | None) -> Iterator[str]:
    full = [one for one in found.bins if one.shares]
    if not full:
        yield f"No {found.unit} has {LEAST_POSTS} posts; ask for longer ones."
    elif len(full) > 1:
        span = f"between {when(full[0].start, found.unit)} and {when(full[-1].start, found.unit)}"
        if (one := found.moved) is None:
            yield f"By {found.unit}: no share differs beyond chance {span}."
        else:
            moved = f"{points(one.difference)} points ({between(one.low, one.high)})"
            yield (
                f"By {found.unit}: {span}, {one.emotion} moved most clearly, from {percent(one.second)} to "
                f"{percent(one.first)}: {moved}."
            )
    if few := sum(1 for one in found.bins if one.posts and not one.shares):
        shown = f"no shares are shown for {'it' if few == 1 else 'them'}"
        yield f"{counted(few, found.unit)} with under {LEAST_POSTS} posts: {shown}."
    if undated:
        yield f"{counted(undated, 'post')} without a date, not on the time line."


def _event(found: Event) -> Iterator[str]:
    last = date.fromisoformat(found.end) - timedelta(1)
    span = (
        f"{counted(found.before, 'post')} of the {found.days} days before {day(found.day)} and "
        f"{counted(found.after, 'post')} from it to {day(str(last))}"
    )
    moved = [one for one in found.differences if one.beyond_chance][:_NAMED]
    if moved:
        listed = "; ".join(
            f"{one.emotion} {points(one.difference)} points ({between(one.low, one.high)}), from "
            f"{percent(one.second)} to {percent(one.first)}"
            for one in moved
        )
        yield f"Between {span}: {listed}."
    else:
        one = found.differences[0]
        yield (
            f"Between {span}, no emotion's share changed beyond chance; the largest change is {one.emotion} "
            f"{points(one.difference)} points ({between(one.low, one.high)})."
        )
    if min(found.before, found.after) < LEAST_POSTS:
        yield f"One side has under {LEAST_POSTS} posts, which say little."


def heading(report: Report) -> str:
    """What the report is about."""
    return f"What {report.subject} express"
