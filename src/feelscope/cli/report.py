"""`feelscope report`: from a file of predictions to shares, figures and a page."""

from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from feelscope.cli.emotions import bars
from feelscope.cli.options import Columns, Dates, Json, MaxErrors, Quiet, Raw
from feelscope.cli.output import show_json, show_text
from feelscope.cli.progress import Progress, say
from feelscope.cli.running import command_without_folders, open_posts, start_again, stoppable

if TYPE_CHECKING:
    from feelscope.report.found import Report
    from feelscope.report.settings import Settings


def report(
    predictions: Annotated[Path, Argument(metavar="PREDICTIONS", help="What `predict --out` wrote.")],
    out: Annotated[Path | None, Option(metavar="DIR", help="Where to write the page, figures and tables.")] = None,
    by: Annotated[
        list[str] | None, Option(metavar="COLUMN", help="Compare the groups of a column; may be given more than once.")
    ] = None,
    over: Annotated[str, Option(metavar="day|week|month|year", help="Show shares over time.")] = "",
    event: Annotated[str, Option(metavar="DAY", help="Compare before and from a day on, YYYY-MM-DD.")] = "",
    days: Annotated[int, Option(metavar="N", min=1, help="With --event: days on each side.")] = 30,
    subject: Annotated[
        str, Option(metavar="WORDS", help="What the posts are, for titles, such as 'tweets to airlines'.")
    ] = "posts",
    posts: Annotated[
        Path | None, Option(metavar="TABLE", help="The table they were made from, for columns, dates and authors.")
    ] = None,
    columns: Columns = "",
    dates: Dates = "",
    max_errors: MaxErrors = 5.0,
    text_predictions: Annotated[
        Path | None, Option(metavar="FILE", help="Predictions of the words alone, to compare with the pictures.")
    ] = None,
    image_predictions: Annotated[
        Path | None, Option(metavar="FILE", help="Predictions of the pictures alone, to compare with the words.")
    ] = None,
    raw: Raw = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Report shares of emotions, by group and over time.

    Shares have intervals. With --out, one page with figures, their numbers, and how all of it was made.

    \b
    Examples:
      feelscope report predictions.csv --out report
      feelscope report predictions.csv --by party --over week --event 2012-11-06 --out report
    """
    from feelscope.report.report import PAGE, check_extra, make_report, write

    settings = _settings(by or [], over, event, days, subject)
    if (text_predictions is None) != (image_predictions is None):
        raise typer.BadParameter(
            "both are needed, to compare them", param_hint="--text-predictions, --image-predictions"
        )
    if columns and posts is None:
        raise typer.BadParameter("is for --posts TABLE", param_hint="--columns")
    check_extra()
    alone = (text_predictions, image_predictions) if text_predictions and image_predictions else None
    with stoppable(start_again), ExitStack() as opened:
        table = None
        if posts is not None:
            table = opened.enter_context(open_posts(posts, columns, None, max_errors, out=out, predictions=predictions))
        with Progress("reading") as progress:
            found = make_report(predictions, settings, posts=table, alone=alone, progress=progress)
        if out is not None:
            with Progress("drawing"):
                write(found, out, command_without_folders())
    if as_json:
        show_json(found.to_json(), indent=2)
    else:
        show_text(*_described(found))
    if out is not None:
        say(f"the page is {out / PAGE}")


def _settings(by: list[str], over: str, event: str, days: int, subject: str) -> "Settings":
    from feelscope.config import did_you_mean
    from feelscope.report.settings import MOST_DAYS, UNITS, Settings

    if over and over not in UNITS:
        raise typer.BadParameter(f"no unit {over!r}; {did_you_mean(over, UNITS)}", param_hint="--over")
    if days > MOST_DAYS:
        raise typer.BadParameter(f"expected at most {MOST_DAYS:,}, found {days:,}", param_hint="--days")
    try:
        day = date.fromisoformat(event) if event else None
    except ValueError:
        raise typer.BadParameter(f"expected a day as 2012-11-06, found {event!r}", param_hint="--event") from None
    return Settings(" ".join(subject.split()) or "posts", tuple(dict.fromkeys(by)), over, day, days)


def _described(found: "Report") -> list[str]:
    """The findings, a bar for each emotion, and what they are worth."""
    from feelscope.report.summary import BIASED, sentences

    first, *others = sentences(found)
    lines = [first, "", *bars({one.emotion: one.share or 0.0 for one in found.shares}), ""]
    return ["\n".join([*lines, *others, "", BIASED])]
