"""Trend: the share of each emotion over time, with intervals, and when the mix of emotions changed.

Shares are shown, never numbers of posts alone: how many posts an archive has of a month says how it was gathered.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from feelscope.explore.search.bins import LEAST_POSTS, bin_of, bins
from feelscope.explore.search.state import Facts
from feelscope.explore.trend.change_points import change_points, effective_counts, intraclass_correlation
from feelscope.explore.trend.corrected import Corrected
from feelscope.explore.trend.events import Event, short_events
from feelscope.metrics.intervals import LEVEL, difference, wilson

Json = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Trend:
    """Posts of each emotion by bin of time.

    Args:
        unit: `day`, `month` or `year`.
        bins: First day, and the day after the last one, of each of T bins without gaps.
        emotions: K.
        counts: int64 (T, K).
        left_out: What was not counted, and how often: posts without a date, without an emotion.
        of: What the posts are, in words.
        corrected: The shares by a labelled sample too, where there is one.
    """

    unit: str
    bins: Sequence[tuple[str, str]]
    emotions: tuple[str, ...]
    counts: np.ndarray
    left_out: Mapping[str, int] = field(default_factory=dict)
    of: str = ""
    corrected: Corrected | None = None

    @classmethod
    def of_bins(
        cls,
        counts: Mapping[str, Counter[str]],
        facts: Facts,
        unit: str,
        left_out: Mapping[str, int] | None = None,
        of: str = "",
    ) -> "Trend":
        """Lay out counts, by the keys of bins or of any smaller ones, over all bins of a span."""
        all_bins = bins(facts, unit)
        rows = {key: row for row, (_, _, key) in enumerate(all_bins)}
        table = np.zeros((len(all_bins), len(facts.emotions)), np.int64)
        for key, by_emotion in counts.items():
            table[rows[bin_of(key, unit)]] += [by_emotion[name] for name in facts.emotions]
        spans = [(start, end) for start, end, _ in all_bins]
        return cls(unit, spans, facts.emotions, table, dict(left_out or {}), of)

    @cached_property
    def posts(self) -> np.ndarray:
        """Posts of each bin, (T,)."""
        return np.asarray(self.counts.sum(axis=1))

    @cached_property
    def intraclass_correlation(self) -> float:
        """How similar the posts of a bin are, see `change_points.intraclass_correlation`."""
        return intraclass_correlation(self.counts)

    @cached_property
    def effective_counts(self) -> np.ndarray:
        """Counts scaled to the effective sample size of each bin, float (T, K)."""
        return effective_counts(self.counts, self.intraclass_correlation)

    @cached_property
    def stretches(self) -> list[tuple[int, int]]:
        """Half-open runs of bins between changes; one where there is no change."""
        return list(pairwise([0, *change_points(self.counts), len(self.bins)])) if len(self.bins) else []

    def shares(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Share of each emotion in each bin with its 95% interval, (T, K) each; NaN where a bin has under 30 posts."""
        posts = np.where(self.posts >= LEAST_POSTS, self.posts, np.nan)[:, None]
        low, high = wilson(self.counts, posts)
        return self.counts / posts, low, high

    def level(self, stretch: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Share of each emotion in some bins together with its 95% interval, (K,) each.

        Every bin weighs its effective sample size, so that a month with very many posts is not all that counts.
        """
        counts = self.effective_counts[slice(*stretch)].sum(axis=0)
        low, high = wilson(counts, counts.sum())
        return counts / counts.sum(), low, high

    def changes(self) -> list[Json]:
        """Every change: when, and how much each emotion's share became more or less, the largest first.

        The intervals hold for all emotions of a change together (Bonferroni).
        """
        changes = []
        for before, after in pairwise(self.stretches):
            old, new = (self.effective_counts[slice(*stretch)].sum(axis=0) for stretch in (before, after))  # (K,)
            intervals = difference(new, new.sum(), old, old.sum(), 1 - (1 - LEVEL) / len(self.emotions))
            figures = np.array([old / old.sum(), new / new.sum(), *intervals])  # (5, K)
            names = ("before", "after", "difference", "low", "high")
            rows: list[Json] = [
                {"emotion": name, **dict(zip(names, column, strict=True))}
                for name, column in zip(self.emotions, figures.T.tolist(), strict=True)
            ]
            rows.sort(key=lambda row: -abs(row["difference"]))
            first, last = self.bins[before[0]][0], self.bins[after[1] - 1][1]
            changes.append({"at": self.bins[after[0]][0], "from": first, "to": last, "emotions": rows})
        return changes

    @cached_property
    def short_events(self) -> list[Event]:
        """Bins, fewer than a stretch has, in which an emotion's share was another; see `events`."""
        return short_events(self.counts, self.intraclass_correlation, self.stretches)

    def events(self) -> list[Json]:
        """Every short event: when, and how much more or less often an emotion was there than around it."""
        return [
            {
                "from": self.bins[event.first][0],
                "to": self.bins[event.after - 1][1],
                "emotion": self.emotions[event.emotion],
                "share": event.share,
                "around": event.around,
                "difference": event.share - event.around,
                "low": event.low,
                "high": event.high,
            }
            for event in self.short_events
        ]

    def as_json(self) -> Json:
        """Everything, for a program."""
        shares = np.array(self.shares())  # (3, T, K)
        found = self.corrected
        corrected = None if found is None else np.array([found.share, found.low, found.high])  # (3, T, K)
        more: Json = {} if found is None else {"corrected": self._by_emotion(found.level)}
        return {
            "of": self.of,
            "unit": self.unit,
            "posts": int(self.posts.sum()),
            "left_out": dict(self.left_out),
            "intraclass_correlation": self.intraclass_correlation,
            "emotions": self._by_emotion(np.array(self.level((0, len(self.bins))))),
            **more,
            "changes": self.changes(),
            "events": self.events(),
            "bins": [
                {
                    "from": start,
                    "to": end,
                    "posts": int(self.posts[t]),
                    "emotions": dict(zip(self.emotions, self.counts[t].tolist(), strict=True)),
                    "shares": None if self.posts[t] < LEAST_POSTS else self._by_emotion(shares[:, t]),
                    **self._corrected(t, corrected),
                }
                for t, (start, end) in enumerate(self.bins)
            ],
        }

    def _corrected(self, t: int, corrected: np.ndarray | None) -> Json:
        """The labelled posts of a bin and its corrected shares; empty where no sample was given."""
        if corrected is None or self.corrected is None:
            return {}
        shares = None if np.isnan(corrected[0, t]).all() else self._by_emotion(corrected[:, t])
        return {"labelled": int(self.corrected.labelled[t]), "corrected": shares}

    def _by_emotion(self, shares: np.ndarray) -> Json:
        """Shares and their intervals, (3, K), by the name of the emotion."""
        figures = (dict(zip(("share", "low", "high"), column, strict=True)) for column in shares.T.tolist())
        return dict(zip(self.emotions, figures, strict=True))

    def rows(self) -> list[Json]:
        """A row for each bin and emotion, for a table; `level` is the share in the stretch between changes."""
        shares, low, high = self.shares()
        rows: list[Json] = []
        for number, stretch in enumerate(self.stretches, 1):
            level, *_ = self.level(stretch)
            for t in range(*stretch):
                rows += [
                    {
                        "from": self.bins[t][0],
                        "to": self.bins[t][1],
                        "posts": int(self.posts[t]),
                        "emotion": name,
                        "posts_with_it": int(self.counts[t, k]),
                        "share": float(shares[t, k]),
                        "low": float(low[t, k]),
                        "high": float(high[t, k]),
                        "stretch": number,
                        "level": float(level[k]),
                        **self._corrected_cells(t, k),
                    }
                    for k, name in enumerate(self.emotions)
                ]
        return rows

    def _corrected_cells(self, t: int, k: int) -> Json:
        found = self.corrected
        if found is None:
            return {}
        shares = {f"corrected_{name}": float(getattr(found, name)[t, k]) for name in ("share", "low", "high")}
        return {"labelled": int(found.labelled[t]), **shares}
