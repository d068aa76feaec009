"""What commands share while they run: the table that is read, what was left out of it, how to continue after a stop."""

import shlex
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from feelscope.cli.options import read_columns
from feelscope.cli.progress import say
from feelscope.text.counts import counted

if TYPE_CHECKING:
    from feelscope.table import PostsTable, Quarantine
    from feelscope.table.growing import Wait
    from feelscope.table.raters import Same

MOST_COLUMNS = 20  # whose cells are told


@contextmanager
def open_posts(
    path: Path,
    columns: str,
    quarantine: Path | None,
    max_errors: float,
    *,
    out: Path | None = None,
    need: Collection[str] = (),
    limit: int | None = None,
    wait: "Wait | None" = None,
    advice: Callable[[], str] | None = None,
    keep: bool = False,
    tells_dates: bool = False,
    same: "Same | None" = None,
    keep_ties: bool = False,
    along: Collection[str] = (),
    quiet: bool = False,
    **files: Path | None,
) -> Iterator["PostsTable"]:
    """Open a posts table: say which column is which, in the end what was left out and why, and at a stop what to do.

    Args:
        columns: What `--columns` gives.
        quarantine: Where bad rows go; None is beside `out` and named after it.
        max_errors: Percent of the rows that may be broken.
        out: The file or folder that the command writes; None where it only prints; bad rows then go to the
            working folder.
        need: See `PostsTable`, as for `limit`, `wait`, `same` and `keep_ties`.
        advice: See `stoppable`; by default, nothing of the work is kept.
        keep: Whether the list of bad rows has those of earlier tables too.
        tells_dates: Whether to say how many posts have no date.
        along: Columns that are used although they are no standard ones; `all` is every one.
        quiet: Whether all this was said before, of the same table.
        files: By option, the other files that the command reads or writes; no two may be the same.
    """
    from feelscope.errors import TableError
    from feelscope.store.database import is_store
    from feelscope.table import PostsTable, Quarantine, quarantine_beside

    bad_rows = quarantine or quarantine_beside(out or Path(path.name))
    _refuse_overwriting(path, out=out, **files, quarantine=bad_rows)
    given = read_columns(columns)
    with stoppable(advice or start_again), Quarantine(bad_rows, most_broken=max_errors / 100, keep=keep) as bad:
        rows = None
        if is_store(path):
            from feelscope.store.rows import StoreRows

            rows = StoreRows(path, bad)
        posts = PostsTable(
            path, given, need=need, limit=limit, quarantine=bad, wait=wait, rows=rows, same=same, keep_ties=keep_ties
        )
        if not quiet:
            say_columns(posts, along)
        yield posts
        if quiet:
            return
        show_quarantined(bad)
        for done, count in posts.mended.most_common():
            say(f"{path}: {counted(count, 'text')} mended: {done}")
        if posts.raters is not None and (several := str(posts.raters)):
            say(f"{path}: {several}")
        if tells_dates and (said := str(posts.undated)):
            say(f"{path}: {said}")
        if posts.rows and not posts.read and wait is None:
            raise TableError(
                f"{path}: none of its {counted(posts.rows, 'row')} could be read as a post; see {bad.path}"
            )


def say_columns(posts: "PostsTable", along: Collection[str] = ()) -> None:
    """Say which column of a table is which, which are not used, and what else there is to know before it is read."""
    from feelscope.config import listed

    names = [name if name == column else f"{name} from {column!r}" for name, column in posts.columns.items()]
    say(f"{posts.path}: columns {', '.join(names)}")
    if unused := [name for name in posts.unused if name not in along and "all" not in along]:
        say(f"{posts.path}: columns not used: {listed(unused)}")
    for remark in posts.remarks:
        say(f"{posts.path}: {remark}")


def _refuse_overwriting(table: Path, **files: Path | None) -> None:
    """Refuse a file that is the table to be read, or the file of another option."""
    taken = {"TABLE": table}
    for name, file in files.items():
        if file is None:
            continue
        for other, path in taken.items():
            if file.absolute() == path.absolute() or (file.exists() and path.exists() and file.samefile(path)):
                raise typer.BadParameter(f"{file} is already the file of {other}; name another", param_hint=f"--{name}")
        taken[f"--{name}"] = file


def show_quarantined(quarantine: "Quarantine") -> None:
    """Say how many rows were left out, why, and where they are; and what of the other rows was not used."""
    show_left_out(quarantine.count, quarantine.reasons, quarantine.path)
    show_unused(quarantine.pictures)
    for word, count in quarantine.null_words.most_common():
        say(f"{counted(count, 'label')} {word!r}, which is read as no label")
    for column, count in quarantine.emptied.most_common(MOST_COLUMNS):
        say(f"column {column!r}: {counted(count, 'cell')} cannot be read and left empty")


def show_left_out(count: int, reasons: Mapping[str, int], where: object) -> None:
    """Say how many rows were left out, why, most frequent reasons first, and where they are."""
    if count:
        say(f"{count:,} left out, see {where}:")
    for reason, number in Counter(reasons).most_common():
        say(f"  {number:,} {reason}")


def show_unused(pictures: Mapping[str, int]) -> None:
    """Say how many pictures could not be used, and why, most frequent reasons first."""
    if pictures:
        say(f"{counted(sum(pictures.values()), 'picture')} not used:")
    for reason, number in Counter(pictures).most_common():
        say(f"  {number:,} {reason}")


@contextmanager
def stoppable(advice: Callable[[], str]) -> Iterator[None]:
    """On Ctrl+C or `kill`, say how to continue, and exit with code 130.

    Args:
        advice: Called after the stop, as `continue_with` or `start_again`.
    """
    try:
        yield
    except KeyboardInterrupt:
        say(f"stopped; {advice()}")
        raise typer.Exit(130) from None


def continue_with(*options: str) -> str:
    """The command that continues: the one that runs, with further options, for a person to copy."""
    given = sys.argv[1:]
    return f"continue with: {shlex.join(['feelscope', *given, *(option for option in options if option not in given)])}"


def resuming(out: Path) -> Callable[[], str]:
    """Advice for a training: the command with `--resume`, once there is something in its folder to continue from."""

    def advice() -> str:
        from feelscope.train.checkpoint import has_begun

        return continue_with(*["--resume"] * has_begun(out))

    return advice


def start_again() -> str:
    """The same command, where nothing of its work is kept."""
    return f"start again with: {shlex.join(['feelscope', *sys.argv[1:]])}"


def command_without_folders() -> str:
    """The command that runs, for a report: of files, the names alone, as their folders are nobody else's business."""
    return shlex.join(
        [
            "feelscope",
            *(Path(part).name if "/" in part and Path(part).parent.exists() else part for part in sys.argv[1:]),
        ]
    )
