"""The layouts that are known, and which of them a file of JSON has."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from feelscope.errors import one_line
from feelscope.table.columns import STANDARD_COLUMNS
from feelscope.table.layouts import (
    bluesky,
    crowdtangle,
    doccano,
    facebook,
    facebook_archive,
    fourcat,
    instagram,
    instagram_archive,
    label_studio,
    mastodon,
    reddit,
    tiktok,
    tumblr,
    twint,
    twitter,
    twitter_archive,
    twitter_pages,
)
from feelscope.table.layouts.record import OTHER, Record, Row
from feelscope.table.quarantine import BadRow

LOOK_AHEAD = 50  # records that are shown to each platform


@dataclass(frozen=True, slots=True)
class Layout:
    """How somebody writes posts.

    Args:
        name: As people call it.
        is_mine: Whether a record is written so.
        rows: The posts of such a record; raises `BadRow`, or gives one, where there is none.
        is_labelling: Whether it is a program's for labelling: the other columns are the user's, and the ids too.
        is_table: Whether it is known by its columns alone, so that it may be in CSV and in a spreadsheet as well.
    """

    name: str
    is_mine: Callable[[Record], bool]
    rows: Callable[[Record], Sequence[Row | BadRow]]
    is_labelling: bool = False
    is_table: bool = False


LAYOUTS = (
    Layout("Label Studio", label_studio.is_mine, label_studio.rows, is_labelling=True, is_table=True),
    Layout("4CAT", fourcat.is_mine, fourcat.rows, is_table=True),
    Layout("CrowdTangle", crowdtangle.is_mine, crowdtangle.rows, is_table=True),
    Layout("twint", twint.is_mine, twint.rows, is_table=True),
    Layout("Bluesky", bluesky.is_mine, bluesky.rows),
    Layout("Mastodon", mastodon.is_mine, mastodon.rows),
    Layout("X", twitter.is_mine, twitter.rows),
    Layout("X (archive)", twitter_archive.is_mine, twitter_archive.rows),
    Layout("X (pages of the API)", twitter_pages.is_mine, twitter_pages.rows),
    Layout("Reddit", reddit.is_mine, reddit.rows),
    Layout("Tumblr", tumblr.is_mine, tumblr.rows),
    Layout("TikTok", tiktok.is_mine, tiktok.rows),
    Layout("Instagram", instagram.is_mine, instagram.rows),
    Layout("Instagram (archive)", instagram_archive.is_mine, instagram_archive.rows),
    Layout("Facebook", facebook.is_mine, facebook.rows),
    Layout("Facebook (archive)", facebook_archive.is_mine, facebook_archive.rows),
    Layout("doccano", doccano.is_mine, doccano.rows, is_labelling=True),
)
_LABELS = ("emotion", *STANDARD_COLUMNS["emotion"])


def layout_of(first: Iterable[Mapping[str, object] | BadRow], *, of_cells: bool = False) -> Layout | None:
    """The layout that most of a file's first records have; None for a plain table, of which over half have none.

    Args:
        of_cells: Whether the records are rows of cells, as in CSV.
    """
    found = [_its(unwrapped(record)) for record in first if not isinstance(record, BadRow)]
    known = Counter(layout.name for layout in found if layout is not None)
    if 2 * known.total() <= len(found):
        return None
    ((name, _),) = known.most_common(1)
    layout = next(layout for layout in LAYOUTS if layout.name == name)
    return layout if layout.is_table or not of_cells else None


def rows_of(record: Mapping[str, object], layout: Layout) -> Sequence[Row | BadRow]:
    """The posts of a record.

    Args:
        layout: Of the file; where a record is no such one, the others are tried.
    """
    inner = unwrapped(record)
    try:
        its = layout if layout.is_mine(inner) else _its(inner)
        if its is None and layout.is_labelling:
            return [dict(record)]
        if its is None:
            return [BadRow(OTHER, f"not as {layout.name} does", _id(inner))]
        found = its.rows(inner)
    except BadRow as bad:
        bad.id = bad.id or _id(inner)
        return [bad]
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        return [BadRow(OTHER, f"{type(error).__name__}: {one_line(error)}", _id(inner))]
    labels = {name: record[name] for name in _LABELS if isinstance(record.get(name), str)}  # the user's, put beside
    return (
        found if its.is_labelling or not labels else [one if isinstance(one, BadRow) else labels | one for one in found]
    )


def _its(record: Record) -> Layout | None:
    return next((layout for layout in LAYOUTS if layout.is_mine(record)), None)


def unwrapped(record: Mapping[str, object]) -> Record:
    """A post as its platform wrote it, out of what Zeeschuimer writes around it."""
    data = record.get("data")
    return data if "source_platform" in record and isinstance(data, Mapping) else record


def _id(record: Record) -> str | None:
    found = (record.get(name) for name in ("id_str", "rest_id", "id", "uri", "cid"))
    return next((str(id)[:100] for id in found if isinstance(id, str | int) and str(id)), None)
