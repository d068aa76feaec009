"""What `prepare` did: kept, dropped by reason, class balance, splits, near-duplicates, pictures, and the leak test."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from feelscope.config import listed
from feelscope.prepare.leak_test import LeakTest


@dataclass(slots=True)
class Report:
    """The counts of one run."""

    settings: dict[str, Any]  # how the dataset was prepared
    read: int = 0  # posts
    kept: int = 0  # posts in the dataset
    dropped: Counter[str] = field(default_factory=Counter)  # reason to posts
    changed: int = 0  # posts from whose words something was removed
    splits: dict[str, Counter[str]] = field(default_factory=dict)  # split to emotion to posts
    groups: int = 0  # of near-duplicates, of two posts or more
    in_groups: int = 0  # posts in them
    largest_unit: float = 0.0  # share of the posts in the largest unit, which a split may not separate
    split_note: str = ""  # why authors do not decide the split, where they do not
    torn: int = 0  # near-duplicate groups with posts in two splits; only the split by votes tears any
    pictures: Counter[str] = field(default_factory=Counter)  # what became of them, to their number
    leak: LeakTest | None = None  # None where there are no labels
    columns: list[str] = field(default_factory=list)  # that were passed on from the posts
    left_behind: list[str] = field(default_factory=list)  # that were not
    seconds: float = 0.0

    def count_splits(
        self, emotions: Sequence[str], groups: Sequence[int], units: Sequence[str], splits: Sequence[str]
    ) -> None:
        """Count near-duplicate groups, units and splits, given those of each post."""
        sizes = [size for size in Counter(groups).values() if size > 1]
        self.groups, self.in_groups = len(sizes), sum(sizes)
        splits_of_group = Counter(group for group, _ in set(zip(groups, splits, strict=True)))
        self.torn = sum(count > 1 for count in splits_of_group.values())
        self.largest_unit = max(Counter(units).values()) / len(units)
        self.splits = {name: Counter() for name in ("train", "dev", "test")}
        for emotion, split in zip(emotions, splits, strict=True):
            self.splits[split][emotion] += 1

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        values = {entry.name: getattr(self, entry.name) for entry in dataclasses.fields(self)}
        if self.leak is not None:
            values["leak"] = {**dataclasses.asdict(self.leak), "leaks": self.leak.leaks}
        return values

    def to_text(self) -> str:
        """Everything in lines for people."""
        rate = self.read / max(self.seconds, 1e-6)
        lines = [f"read {self.read:,} posts in {self.seconds:.1f} s ({rate:,.0f} per second), kept {self.kept:,}"]
        lines += [f"  {count:,} left out: {reason}" for reason, count in self.dropped.most_common()]
        lines.append(f"  the words of the label were taken out of {self.changed:,}")
        emotions = sorted({emotion for counts in self.splits.values() for emotion in counts})
        if emotions:
            width = max(len(emotion) for emotion in emotions)
            lines.append(f"{'':{width}}  " + "".join(f"{name:>9}" for name in self.splits))
            for emotion in emotions:
                counts = "".join(f"{split[emotion]:>9,}" for split in self.splits.values())
                lines.append(f"{emotion or 'no label':{width}}  {counts}")
        lines.append(
            f"near-duplicates: {self.in_groups:,} posts in {self.groups:,} groups, {self.torn:,} in two splits"
        )
        if self.split_note:
            lines.append(f"  {self.split_note}: near-duplicate groups decide the split, not authors")
        if self.largest_unit > 0.05:
            lines.append(f"  one author or chain of near-duplicates has {self.largest_unit:.0%} of the posts")
        if self.pictures:
            lines.append("pictures: " + ", ".join(f"{count:,} {what}" for what, count in self.pictures.most_common()))
        lines.append(f"columns passed on: {listed(self.columns) if self.columns else 'none'}")
        if self.left_behind:
            lines.append(f"  left behind, as they may name people: {listed(self.left_behind)}; --keep passes one on")
        if self.leak is not None:
            lines.append(f"leak test: {leak_line(self.leak)}")
        return "\n".join(lines)


def leak_line(leak: LeakTest) -> str:
    """The leak test in one line."""
    if not leak.posts:
        return "passed, no text has a word that looks like the label's"
    numbers = f"accuracy {leak.accuracy:.3f} against {leak.majority:.3f} for the commonest emotion, p = {leak.p:.3f}"
    words = ", ".join(leak.words[:5])
    return f"{'FAILED' if leak.leaks else 'passed'}, {numbers}, {leak.posts:,} posts with such words ({words})"
