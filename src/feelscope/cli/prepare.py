"""`feelscope prepare`: from raw posts to a clean, split, weakly labelled dataset."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from feelscope.cli.options import MEMORY, Columns, Dates, Encoding, Images, Limit, MaxErrors, Memory
from feelscope.cli.output import show_text
from feelscope.cli.prepare_options import (
    AcceptLeak,
    Duplicates,
    Emotions,
    HardNegatives,
    Keep,
    Labels,
    Language,
    Split,
    Strict,
    Urls,
    check_leak,
    read_names,
)
from feelscope.cli.progress import Stages, say
from feelscope.cli.running import continue_with, open_posts, show_quarantined, stoppable


def prepare(
    posts: Annotated[Path, Argument(metavar="POSTS", help="posts.db of `collect`, or a posts table.")],
    out: Annotated[Path, Argument(metavar="DATASET", help="The folder to write.")],
    labels: Labels,
    emotions: Emotions = "",
    split: Split = "author",
    strict: Strict = False,
    language: Language = "words",
    duplicates: Duplicates = True,
    pictures: Annotated[
        bool | None, Option("--pictures/--no-pictures", help="Get pictures; by default for posts.db only.")
    ] = None,
    galleries: Annotated[bool, Option("--galleries", help="Make a post of each picture of a gallery.")] = False,
    hard_negatives: HardNegatives = "",
    urls: Urls = False,
    keep: Keep = "",
    accept_leak: AcceptLeak = False,
    columns: Columns = "",
    dates: Dates = "",
    encoding: Encoding = "",
    images: Images = None,
    max_errors: MaxErrors = 5.0,
    limit: Limit = None,
    memory: Memory = MEMORY,
) -> None:
    """Make a labelled, clean and split dataset from raw posts.

    Near-duplicates stay on one side of the split, and a test checks that the label does not leak.

    \b
    Examples:
      feelscope prepare posts.db dataset --labels hashtags --strict
      feelscope prepare posts.csv dataset --labels column --columns emotion=Label
    """
    from dataclasses import replace
    from itertools import islice

    from feelscope.emotions import meaning
    from feelscope.prepare.dataset import prepare
    from feelscope.prepare.folder import QUARANTINE, check_folder
    from feelscope.prepare.galleries import each_picture
    from feelscope.prepare.own_names import own_names
    from feelscope.prepare.pictures import Pictures
    from feelscope.prepare.settings import Settings
    from feelscope.store import Store, is_store
    from feelscope.table import Quarantine
    from feelscope.web.download import Downloader

    emotions = emotions or ("" if labels == "column" else "seven")
    settings = Settings(labels, emotions, split, strict, language, duplicates, hard_negatives, urls, read_names(keep))
    check_folder(out)
    collected = is_store(posts)
    album = Pictures(out, Downloader()) if (collected if pictures is None else pictures) else None
    if album is None and pictures is None:
        say("pictures are left out; --pictures gets them, also from the web")
    if collected:
        with (
            stoppable(continue_with),
            Store(posts, must_exist=True) as store,
            Quarantine(out / QUARANTINE) as bad,
            Stages() as stages,
        ):
            for note in store.notes:
                say(f"{posts}: {note}")
            if settings.takes_own_names:
                settings = replace(settings, names=own_names(islice(store.posts(), limit)))
            found = islice(store.posts(bad), limit)
            read = each_picture(found) if galleries else found
            report = prepare(read, out, settings, pictures=album, progress=stages)
            show_quarantined(bad)
    else:
        with (
            open_posts(
                posts,
                columns,
                out / QUARANTINE,
                max_errors,
                limit=limit,
                advice=continue_with,
                tells_dates=True,
                same=(meaning if emotions else str.casefold) if labels == "column" else None,
            ) as table,
            Stages() as stages,
        ):
            if settings.takes_own_names:
                settings = replace(settings, names=own_names(table))
            report = prepare(
                each_picture(table) if galleries else table, out, settings, pictures=album, progress=stages
            )
    show_text(report.to_text())
    check_leak(report, strict=strict, accepted=accept_leak)
