"""From raw posts to a clean dataset: labels read, their words taken out, near-duplicates grouped, splits, a report.

    posts --label, clean, filter--> rows on disk --near-duplicates, split--> posts.parquet
                                         |                                   report.json
                                         `--pictures--> images/

Posts are read once and written to a temporary file; memory holds, for each kept post, the hashes of its words, its
author and its votes.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from feelscope.errors import TableError
from feelscope.files import remove_partials, write_json, writing_folder
from feelscope.post import Post
from feelscope.prepare import hard_negatives, weak_labels
from feelscope.prepare.clean import Clean, cleaner
from feelscope.prepare.folder import POSTS, REPORT, check_folder
from feelscope.prepare.further_columns import FurtherColumns
from feelscope.prepare.kept_posts import KeptPosts
from feelscope.prepare.label_words import LabelWords
from feelscope.prepare.labelled_rows import NOT_ENGLISH, Labelling, labelled_rows
from feelscope.prepare.leak_test import LeakCounter
from feelscope.prepare.own_names import own_names
from feelscope.prepare.pictures import Picture, Pictures
from feelscope.prepare.report import Report
from feelscope.prepare.row_file import Row, RowFile
from feelscope.prepare.settings import Settings
from feelscope.progress import Progress, silent
from feelscope.table import open_writer

_TEXTS, _LISTS = ("id", "title", "text", "image", "emotion", "split"), ("emotions_found", "tags", "hard_negative_of")
NO_PICTURE = "its picture cannot be had and it has no words"
KNOWN = frozenset((*_TEXTS, *_LISTS, "group", "author"))


def prepare(
    posts: Iterable[Post],
    out: Path,
    settings: Settings,
    *,
    pictures: Pictures | None = None,
    clean: Clean | None = None,
    progress: Progress = silent,
) -> Report:
    """Prepare a dataset.

    Args:
        posts: Gone through twice where the settings take the names of the column.
        out: The folder; made where it is missing. An earlier dataset in it is replaced, its pictures are used again.
        pictures: Gets posts' pictures into the folder; None leaves them out.
        clean: Instead of the cleaning that fits the labels; for tests of the leak test.

    Raises:
        TableError: Nothing is left, the folder holds something else, or another process writes it.
    """
    started = time.perf_counter()
    with writing_folder(out, TableError):
        check_folder(out)
        remove_partials(out)
        report = _prepare(posts, out, settings, pictures, clean, progress)
        report.seconds = time.perf_counter() - started
        write_json(out / REPORT, report.to_json())
    return report


def _prepare(
    posts: Iterable[Post],
    out: Path,
    settings: Settings,
    pictures: Pictures | None,
    clean: Clean | None,
    progress: Progress,
) -> Report:
    """The dataset and what the report says of it; see `prepare`."""
    if settings.takes_own_names:
        assert iter(posts) is not posts, "posts that can be gone through twice"
        settings = replace(settings, names=own_names(posts))
    words = label_words(settings)
    clean = clean or cleaner_of(settings, words)
    report = Report(asdict(settings))
    labelling = Labelling(settings, words, clean, pictures=pictures is not None)
    rows = _with_pictures(labelled_rows(posts, labelling, report, progress), pictures, report)
    report = finish(((row, post.author, picture) for row, post, picture in rows), out, settings, report, progress)
    report.left_behind = sorted(labelling.passed_on.left_behind)
    return report


def label_words(settings: Settings) -> LabelWords:
    """The words of the label set."""
    emotions = settings.label_set
    named = weak_labels.SUBREDDITS if set(weak_labels.SUBREDDITS.values()) <= set(emotions) else {}
    return LabelWords(emotions, named)


def cleaner_of(settings: Settings, words: LabelWords) -> Clean:
    """The cleaning that fits the labels."""
    by = {"emoji": settings.labels == "emoji", "subreddits": settings.labels == "subreddit"}
    return cleaner(words, strict=settings.strict, **by)


def finish(
    labelled: Iterable[tuple[Row, str, Picture]], out: Path, settings: Settings, report: Report, progress: Progress
) -> Report:
    """Group, split and write the rows, each with its author and its picture.

    Args:
        report: Has counted what was read; gets all else.

    Raises:
        TableError: Nothing is left.
    """
    leak = LeakCounter(label_words(settings))
    rows, kept, columns = RowFile(out), KeptPosts(near=settings.duplicates), FurtherColumns(KNOWN)
    for row, author, picture in labelled:
        if row["emotion"]:
            leak.add(f"{row['title']} {row['text']}", row["emotion"])
        kept.add(row, author, picture.hash)
        columns.learn(row)
        rows.add(row)
        report.kept += 1
    if not report.kept:
        reasons = "; ".join(f"{count:,} {reason}" for reason, count in report.dropped.most_common())
        advice = "; --language any keeps posts in every language" if report.dropped[NOT_ENGLISH] else ""
        raise TableError(f"no post is left of {report.read:,}: {reasons or 'there are none'}{advice}")

    progress("near-duplicates", report.kept, 0, f"{report.kept:,} posts")
    groups, units, splits = kept.split(settings.split)
    report.count_splits(kept.emotions, groups, units, splits)
    report.split_note = kept.split_note if settings.split == "author" else ""
    hard = hard_negatives.harvest(lambda: rows, settings.hard_negatives) if settings.hard_negatives else None
    progress("writing", report.kept, 0, f"{report.kept:,} posts")
    report.columns = _write(out / POSTS, rows, columns, kept.authors(), groups, splits, hard)
    if settings.labels != "none":
        progress("leak test", report.kept, 0, f"{report.kept:,} posts")
        report.leak = leak.test()
    return report


def _with_pictures(
    rows: Iterator[tuple[Row, Post]], pictures: Pictures | None, report: Report
) -> Iterator[tuple[Row, Post, Picture]]:
    """The rows with their pictures; those that then have neither words nor a picture are left out."""
    if pictures is None:
        yield from ((row, post, Picture()) for row, post in rows)
        return
    for row, post, picture in pictures.get(rows):
        row["image"] = picture.file
        if picture.file or row["title"].strip() or row["text"].strip():
            yield row, post, picture
        else:
            report.dropped[NO_PICTURE] += 1
    report.pictures = pictures.counts


def _write(
    path: Path,
    rows: Iterable[Row],
    columns: FurtherColumns,
    authors: list[str],
    groups: list[int],
    splits: list[str],
    hard: list[list[str]] | None,
) -> list[str]:
    """Write the dataset's table; gives the names of its further columns."""
    names = ["id", "title", "text", "image", "emotion", "emotions_found"]
    example: dict[str, object] = {name: ["x"] if name in _LISTS else "x" for name in names}
    example |= {"split": "x", "group": 1, **({"hard_negative_of": ["x"]} if hard else {})}
    example |= {"author": "x"} if any(authors) else {}
    with open_writer(path, like={**example, **columns.example(), "tags": ["x"]}) as writer:
        for position, row in enumerate(rows):
            added = {"split": splits[position], "group": groups[position], "tags": row["tags"]}
            if hard:
                added["hard_negative_of"] = hard[position]
            if "author" in example:
                added["author"] = authors[position]
            writer.write({**{name: row[name] for name in names}, **added, **columns.of(row)})
    return sorted(columns.example())
