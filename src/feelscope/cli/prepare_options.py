"""Options of `prepare` and `scale prepare`, and how both end."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

if TYPE_CHECKING:
    from feelscope.prepare.report import Report

Labels = Annotated[str, Option(metavar="hashtags|subreddit|emoji|column|none", help="What names the emotion.")]
Emotions = Annotated[
    str,
    Option(metavar="SET|NAME,NAME,...", help="The label set, or your own; by default seven, or the column's names."),
]
Split = Annotated[str, Option(metavar="author|votes", help="How posts are split.")]
Strict = Annotated[bool, Option("--strict", help="Also remove the labels' plain words and emoji.")]
Language = Annotated[str, Option(metavar="words|detector|any", help="How to recognise English.")]
Duplicates = Annotated[bool, Option("--duplicates/--no-duplicates", help="Look for near-duplicates.")]
HardNegatives = Annotated[
    str,
    Option(metavar="overlap|keyword=...|score=COLUMN", help="How to mark posts that read like another emotion."),
]
Urls = Annotated[bool, Option("--urls", help="Keep posts' addresses, which may name authors.")]
Keep = Annotated[str, Option(metavar="COLUMN,...", help="Columns to pass on beside those of `feelscope docs prepare`.")]
AcceptLeak = Annotated[bool, Option("--accept-leak", help="Exit with 0 even if the leak test fails.")]


def read_names(value: str) -> tuple[str, ...]:
    """Read names of columns between commas."""
    return tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))


def check_leak(report: "Report", *, strict: bool, accepted: bool) -> None:
    """Refuse a dataset whose labels can be read from their own words.

    Raises:
        FeelscopeError: One line that says what to do.
    """
    from feelscope.errors import FeelscopeError
    from feelscope.prepare.report import leak_line

    if report.leak is not None and report.leak.leaks and not accepted:
        advice = "keep it with --accept-leak" if strict else "clean with --strict, or keep it with --accept-leak"
        raise FeelscopeError(f"the label can be read from its own words; {advice}: leak test {leak_line(report.leak)}")
