"""From raw posts to a clean dataset: labels read, their words taken out, near-duplicates grouped, splits, a report.

    posts --label, clean, filter--> rows on disk --near-duplicates, split--> posts.parquet
                                         |                                   report.json
                                         `--pictures--> images/

Posts are read once and written to a temporary file; in memory stay, for each kept post, the hashes of its words, its
author and its votes.
"""

import datetime
import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from feelscope.emotions import LABEL_SETS
from feelscope.errors import ConfigError, TableError
from feelscope.post import Post
from feelscope.prepare import picture_hashes, hard_negatives, split, weak_labels
from feelscope.prepare.clean import Clean, cleaner
from feelscope.prepare.label_words import LabelWords
from feelscope.prepare.leak_test import LeakCounter
from feelscope.prepare.pictures import Pictures
from feelscope.prepare.report import Report
from feelscope.prepare.row_file import RowFile
from feelscope.table import open_writer
from feelscope.text import language
from feelscope.text.near_duplicates import Grouping

ROWS = ".rows.partial"
COLUMNS = ("id", "title", "text", "image", "emotion", "emotions_found", "split", "group", "hard_negative_of")
LISTS = ("tags", "emotions_found", "hard_negative_of")
_KNOWN = frozenset((*COLUMNS, *LISTS))
PRIVATE = ("url", "image_url", "images")  # addresses that may name the author


@dataclass(frozen=True, slots=True)
class Settings:
    """How a dataset is prepared.

    Args:
        labels: Where the label is read from, one of `weak_labels.WAYS`.
        emotions: A label set's name.
        split: `author` or `votes`.
        strict: Take plain words and emoji of the label set out too.
        language: How English is told: `words`, `detector` or `any`.
        duplicates: Whether near-duplicates are looked for; equal texts always are.
        hard_negatives: How they are harvested; empty for none.
        urls: Keep the addresses of posts, which may name their authors.
    """

    labels: str
    emotions: str = "seven"
    split: str = "author"
    strict: bool = False
    language: str = "words"
    duplicates: bool = True
    hard_negatives: str = ""
    urls: bool = False

    def __post_init__(self) -> None:
        for name, value, known in (
            ("labels", self.labels, weak_labels.WAYS),
            ("emotions", self.emotions, LABEL_SETS),
            ("split", self.split, ("author", "votes")),
            ("language", self.language, language.CHOICES),
        ):
            if value not in known:
                raise ConfigError(f"--{name} {value}: expected one of {', '.join(known)}")
        if self.hard_negatives and self.labels == "none":
            raise ConfigError("--hard-negatives needs labels")


def prepare(
    posts: Iterable[Post],
    out: Path,
    settings: Settings,
    *,
    pictures: Pictures | None = None,
    clean: Clean | None = None,
    progress: Callable[[str, int], None] = lambda stage, done: None,
) -> Report:
    """Prepare a dataset.

    Args:
        out: The folder; made where it is missing. An earlier dataset in it is replaced, its pictures are used again.
        pictures: Gets posts' pictures into the folder; None leaves them out.
        clean: Instead of the cleaning that fits the labels; for tests of the leak test.

    Raises:
        TableError: Nothing is left, or the folder holds something else.
    """
    started = time.perf_counter()
    make_folder(out)
    emotions = LABEL_SETS[settings.emotions]
    words = LabelWords(
        emotions, weak_labels.SUBREDDITS if set(weak_labels.SUBREDDITS.values()) <= set(emotions) else {}
    )
    report = Report(asdict(settings))
    with RowFile(out / ROWS) as rows:
        run = _Run(out, settings, words, report, rows, pictures, clean, progress)
        run.read(posts)
        if not report.kept:
            reasons = "; ".join(f"{count:,} {reason}" for reason, count in report.dropped.most_common())
            raise TableError(f"no post is left of {report.read:,}: {reasons or 'there are none'}")
        run.write()
    report.seconds = time.perf_counter() - started
    (out / "report.json").write_text(json.dumps(report.to_json(), indent=2, ensure_ascii=False), encoding="utf-8")
    return report


def make_folder(out: Path) -> None:
    """Make the dataset's folder, or see that nothing else is in it.

    Raises:
        TableError: It is a file, holds something else, or cannot be made.
    """
    if out.exists() and not out.is_dir():
        raise TableError(f"{out}: is a file; name a folder for the dataset")
    known = {"posts.parquet", "posts.parquet.partial", "report.json", "images", "pictures.jsonl", ROWS}
    known |= {"quarantine.jsonl", "answers.jsonl"}
    if out.is_dir() and (others := {path.name for path in out.iterdir()} - known):
        raise TableError(f"{out}: holds something else ({sorted(others)[0]}); name a new folder for the dataset")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TableError(f"{out}: cannot be made ({error.strerror})") from error


class _Run:
    """The state of one preparation."""

    def __init__(
        self,
        out: Path,
        settings: Settings,
        words: LabelWords,
        report: Report,
        rows: RowFile,
        pictures: Pictures | None,
        clean: Clean | None,
        progress: Callable[[str, int], None],
    ) -> None:
        self.out, self.settings, self.words, self.report, self.pictures = out, settings, words, report, pictures
        self.rows = rows
        self.clean = clean or cleaner(
            words, strict=settings.strict, emoji=settings.labels == "emoji", subreddits=settings.labels == "subreddit"
        )
        self.progress = progress
        self.leak = LeakCounter(words)
        self.grouping = Grouping()
        self.authors: list[str] = []
        self.texts: list[str] = []
        self.votes: list[int | None] = []
        self.ids: list[str] = []
        self.hashes: list[int | None] = []
        self.emotions: list[str] = []
        self.kinds: dict[str, type] = {}  # of further columns

    # Reading

    def read(self, posts: Iterable[Post]) -> None:
        """Label, clean and filter every post; what is kept goes to a file."""
        for row in self._with_pictures(self._rows(posts)):
            self._take_in_kinds(row)
            self.rows.add(row)
            self.report.kept += 1

    def _rows(self, posts: Iterable[Post]) -> Iterator[tuple[dict[str, Any], Post]]:
        read_label = weak_labels.reader(self.settings.labels, self.words)
        is_english = language.CHOICES[self.settings.language]()
        report, unlabelled = self.report, self.settings.labels == "none"
        for post in posts:
            report.read += 1
            if report.read % 1000 == 0:
                self.progress("cleaning", report.read)
            found = read_label(post)
            if not found and not unlabelled:
                report.dropped["no emotion of the label set is named"] += 1
                continue
            title, text = self.clean(post.title), self.clean(post.text)
            report.changed += title != post.title or text != post.text
            whole = f"{title} {text}" if title else text
            pictured = post.image is not None or bool(post.other.get("image_url"))
            if not whole.strip() and not (pictured and self.pictures is not None):
                report.dropped["nothing is left to read"] += 1
                continue
            if whole.strip() and not is_english(whole):
                report.dropped["not English, or too few words"] += 1
                continue
            yield self._row(post, title, text, found), post

    def _row(self, post: Post, title: str, text: str, found: list[str]) -> dict[str, Any]:
        row: dict[str, Any] = {"id": post.id, "title": title, "text": text, "image": ""}
        row |= {"emotion": found[0] if found else "", "emotions_found": found}
        for name, value in post.other.items():
            if name == "tags":
                row["tags"] = self.words.without_tags(weak_labels.tags_of(post))
            elif name not in row and (self.settings.urls or name not in PRIVATE) and not isinstance(value, bytes):
                row[name] = value
        return row

    def _with_pictures(self, rows: Iterator[tuple[dict[str, Any], Post]]) -> Iterator[dict[str, Any]]:
        """Get the pictures, some at a time, and take in what the kept rows tell."""
        if self.pictures is None:
            for row, _ in rows:
                self._take(row, None)
                yield row
            return
        for row, picture in self.pictures.get(rows):
            row["image"] = picture.file
            if not picture.file and not row["title"].strip() and not row["text"].strip():
                self.report.dropped["its picture cannot be had and it has no words"] += 1
                continue
            self._take(row, picture.hash)
            yield row
        self.report.pictures = self.pictures.counts

    def _take(self, row: dict[str, Any], picture: int | None) -> None:
        whole = f"{row['title']} {row['text']}"
        if row["emotion"]:
            self.leak.add(whole, row["emotion"])
        if self.settings.duplicates:
            self.grouping.add(whole)
        exact = " ".join(whole.lower().split()) or str(row["id"])
        self.texts.append(hashlib.blake2b(exact.encode(errors="replace"), digest_size=12).hexdigest())
        self.authors.append(str(row.get("author") or ""))
        votes = row.get("votes", row.get("score", row.get("ups")))
        self.votes.append(int(votes) if isinstance(votes, int | float) and votes == votes else None)
        self.ids.append(row["id"])
        self.hashes.append(picture)
        self.emotions.append(row["emotion"])

    def _take_in_kinds(self, row: dict[str, Any]) -> None:
        """Note the types of the further columns, and make what JSON does not know text."""
        kinds = self.kinds
        for name, value in row.items():
            if name in _KNOWN or value is None:
                continue
            kind = type(value)
            if kind is not str and kind not in (int, float, bool):
                row[name] = json.loads(json.dumps(value, default=_plain))
                kind = str
            if kinds.setdefault(name, kind) is not kind:
                kinds[name] = float if {kinds[name], kind} == {int, float} else str

    # Writing

    def write(self) -> None:
        """Group, split, and write the dataset."""
        report, settings = self.report, self.settings
        self.progress("near-duplicates", report.kept)
        groups = self._groups()
        names = split.units(self.authors, self.texts, groups)
        sides = split.by_unit(names) if settings.split == "author" else split.by_votes(self.votes, self.ids)
        self._count(groups, names, sides)
        hard = hard_negatives.harvest(lambda: self.rows, settings.hard_negatives) if settings.hard_negatives else None
        self.progress("writing", report.kept)
        kinds = self.kinds
        example = {"id": "x", "title": "x", "text": "x", "image": "x", "emotion": "x", "emotions_found": ["x"]}
        like: dict[str, Any] = {**example, "split": "x", "group": 1, **({"hard_negative_of": ["x"]} if hard else {})}
        like |= {name: {int: 1, float: 1.0, bool: True, str: "x"}[kind] for name, kind in kinds.items()}
        like["tags"] = ["x"]
        with open_writer(self.out / "posts.parquet", like=like) as writer:
            for at, row in enumerate(self.rows):
                whole = {"split": sides[at], "group": groups[at], "tags": row.get("tags") or []}
                more = {name: _as(kinds[name], row[name]) for name in kinds if name in row}
                marked = {"hard_negative_of": hard[at]} if hard else {}
                writer.write({**{name: row[name] for name in example}, **whole, **marked, **more})
        if settings.labels != "none":
            self.progress("leak test", report.kept)
            report.leak = self.leak.test()

    def _groups(self) -> list[int]:
        if self.settings.duplicates:
            groups = self.grouping.groups()
            # A text without words is like no other.
            groups = [at if self.grouping.is_empty(at) else found for at, found in enumerate(groups)]
        else:
            first: dict[str, int] = {}
            groups = [first.setdefault(text, at) for at, text in enumerate(self.texts)]
        if any(value is not None for value in self.hashes):
            groups = picture_hashes.join(groups, picture_hashes.group_hashes(self.hashes))
        return groups

    def _count(self, groups: list[int], names: list[str], sides: list[str]) -> None:
        report = self.report
        sizes: dict[int, int] = {}
        side_of: dict[int, set[str]] = {}
        for found, side in zip(groups, sides, strict=True):
            sizes[found] = sizes.get(found, 0) + 1
            side_of.setdefault(found, set()).add(side)
        report.groups = sum(size > 1 for size in sizes.values())
        report.in_groups = sum(size for size in sizes.values() if size > 1)
        report.torn = sum(len(some) > 1 for some in side_of.values())
        per_unit: dict[str, int] = {}
        for name in names:
            per_unit[name] = per_unit.get(name, 0) + 1
        report.largest_unit = max(per_unit.values()) / len(names)
        report.splits = {name: Counter() for name in ("train", "dev", "test")}
        for emotion, side in zip(self.emotions, sides, strict=True):
            report.splits[side][emotion] += 1


def _as(kind: type, value: object) -> object:
    """A value in its column's type; what does not fit is written as text."""
    if value is None or isinstance(value, kind):
        return value
    if kind is float and isinstance(value, int):
        return float(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _plain(value: object) -> object:
    """What JSON does not know: times, and whatever else as text."""
    return value.isoformat() if isinstance(value, datetime.date) else str(value)
