"""`feelscope collect`: posts from platforms, dumps and files into one database."""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from feelscope.cli.options import Columns, Dates, Encoding, Images, Limit, QuarantineFile, read_columns
from feelscope.cli.output import show

SOURCES = tuple("tumblr reddit flickr bluesky mastodon youtube telegram dumps files sync".split())


def collect(
    context: typer.Context,
    database: Annotated[Path, Argument(metavar="POSTS.DB", help="Created if it is missing.")],
    source: Annotated[str, Argument(metavar="SOURCE", help=f"One of {', '.join(SOURCES)}.")],
    what: Annotated[
        list[str] | None,
        Argument(metavar="WHAT", help="Tags, accounts, subreddits, videos, words, or files and folders."),
    ] = None,
    before: Annotated[str, Option(metavar="DATE", help="Only posts from before DATE, such as 2016-01-31.")] = "",
    after: Annotated[str, Option(metavar="DATE", help="Only posts from after DATE.")] = "",
    max_gap: Annotated[
        float, Option(metavar="DAYS", min=0.01, help="Tumblr, Bluesky: a longer jump in time is asked for again.")
    ] = 7.0,
    listing: Annotated[str, Option(metavar="top|new", help="Reddit: which posts.")] = "top",
    preset: Annotated[str, Option(metavar="duong", help="Reddit: the paper's four subreddits.")] = "",
    min_votes: Annotated[
        int | None, Option(metavar="N", help="Reddit, dumps: leave out posts with fewer votes.")
    ] = None,
    with_picture: Annotated[
        bool | None,
        Option(
            "--with-picture/--all-posts", help="Reddit, dumps: leave out posts without a picture; as --preset says."
        ),
    ] = None,
    subreddits: Annotated[str, Option(metavar="NAME,...", help="Dumps: only these subreddits.")] = "",
    ids: Annotated[Path | None, Option(metavar="FILE", help="Flickr: labelled photos whose words to fetch.")] = None,
    columns: Columns = "",
    dates: Dates = "",
    encoding: Encoding = "",
    images: Images = None,
    quarantine: QuarantineFile = None,
    limit: Limit = None,
    restart: Annotated[bool, Option("--restart", help="Start again from the newest, for what is new.")] = False,
    wait: Annotated[bool, Option("--wait/--no-wait", help="When a quota is used up: wait, or stop.")] = True,
    follow: Annotated[
        bool, Option("--follow", help="Ask for what is new again and again, until Ctrl+C or --limit posts.")
    ] = False,
    every: Annotated[float, Option(metavar="SECONDS", min=1, help="With --follow: how often to ask.")] = 60.0,
    dry_run: Annotated[bool, Option("--dry-run", help="Estimate calls, time and disk space, and exit.")] = False,
) -> None:
    """Collect posts from platforms, exports, dumps or files.

    The same command again continues where it stopped. Keys come from the environment; `feelscope docs collect` names
    them. `feelscope docs networks` goes from a hashtag to a chart.

    \b
    Examples:
      feelscope collect posts.db mastodon mastodon.social happy
      feelscope collect posts.db bluesky @bsky.app
      feelscope collect posts.db tumblr happy sad --before 2016-01-01
      feelscope collect posts.db reddit --preset duong
      feelscope collect posts.db mastodon mastodon.social cats --follow
      feelscope collect posts.db telegram ChatExport_2026-01-31/
      feelscope collect posts.db youtube https://youtu.be/dQw4w9WgXcQ
      feelscope collect posts.db files old_posts.csv photos/
      feelscope collect posts.db sync
    """
    from feelscope.cli.collecting import dry_run_lines, run, run_sync
    from feelscope.collect import reddit
    from feelscope.collect.job import Job
    from feelscope.collect.sources import SOURCES as ENTRIES
    from feelscope.collect.sources import SYNC
    from feelscope.collect.wanted import Wanted
    from feelscope.config import did_you_mean
    from feelscope.table import quarantine_beside

    if source not in SOURCES:
        context.fail(f"no source {source!r}; {did_you_mean(source, SOURCES)}")
    if listing not in reddit.LISTINGS:
        context.fail(f"--listing is {' or '.join(reddit.LISTINGS)}, found {listing!r}")
    if preset and preset not in reddit.PRESETS:
        context.fail(f"no preset {preset!r}; {did_you_mean(preset, reddit.PRESETS)}")
    chosen = list(what or ())
    if preset:
        chosen += [name for name in reddit.PRESETS[preset] if name not in chosen]
        min_votes = reddit.PRESET_VOTES if min_votes is None else min_votes
    if source == SYNC and chosen:
        context.fail("sync takes no further arguments: it asks about every post")
    job = Job(
        database=database,
        source=source,
        what=chosen,
        before=_date(context, "--before", before),
        after=_date(context, "--after", after),
        max_gap=int(max_gap * 86_400),
        listing=listing,
        wanted=Wanted(min_votes, bool(preset) if with_picture is None else with_picture),
        subreddits=[name.strip() for name in subreddits.split(",") if name.strip()],
        ids=ids,
        columns=read_columns(columns),
        quarantine=quarantine or quarantine_beside(database),
        limit=limit,
        restart=restart,
        wait=wait,
        follow=every if follow else None,
    )
    if source != SYNC and not ENTRIES[source].is_enough(job):
        context.fail(f"say what to collect: feelscope collect {database} {source} {ENTRIES[source].arguments}")
    if follow and (before or source == SYNC or not ENTRIES[source].newest_first(job)):
        first = "it needs posts that come newest first, such as those of a tag or an account; `feelscope docs collect`"
        context.fail(f"--follow: {'leave out --before' if before else f'{first} says which do'}")
    if dry_run:
        for line in dry_run_lines(job):
            show(line)
    elif source == SYNC:
        run_sync(job)
    else:
        run(job)


def _date(context: typer.Context, option: str, value: str) -> int | None:
    """Read a date or a Unix time."""
    from feelscope.table.times import read_time, unix_seconds

    when = read_time(value)
    if value and when is None:
        context.fail(f"{option}: expected a date such as 2016-01-31, found {value!r}")
    return unix_seconds(when)
