"""The structure of emotions in a few lines, from what `structure.json` holds."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from feelscope.explain.structure.relations import POOR_STRESS
from feelscope.text.counts import counted

_LOADING = 0.3  # from which on an emotion is named with a component
_MOST = 3  # pairs of emotions, and components
_CELLS = 5  # weekdays and hours


def to_text(summary: Mapping[str, Any]) -> str:
    """The summary as a terminal shows it."""
    views = (_relations, _words, _times, _ratings, _thesis)
    return "\n".join(line for view in views for line in view(summary))


def _relations(summary: Mapping[str, Any]) -> Iterator[str]:
    names, r = summary["emotions"], summary["correlation"]
    pairs = sorted((r[i][j], names[i], names[j]) for i, j in combinations(range(len(names)), 2))
    explained = ", ".join(f"{100 * share:.1f}%" for share in summary["explained"][:_MOST])
    yield f"{counted(summary['posts'], 'post')}, {len(names)} emotions, {summary['scale']}"
    if summary["constant"]:
        yield f"left out, as they never vary: {', '.join(summary['constant'])}"
    yield f"most together:  {_pairs(pairs[: -_MOST - 1 : -1])}"
    yield f"most apart:     {_pairs(pairs[:_MOST])}"
    yield f"tree:           {', '.join(summary['tree'])}"
    if summary["stress"] > POOR_STRESS:
        stress = f"stress {summary['stress']:.2f}, above {POOR_STRESS}"
        yield f"map:            {stress}: it distorts; go by the correlations"
    yield f"components:     {explained} of the variance"
    for number, loadings in enumerate(summary["components"][:_MOST], 1):
        by_loading = sorted(zip(loadings, names, strict=True))
        more = ", ".join(name for loading, name in reversed(by_loading) if loading > _LOADING)
        less = ", ".join(name for loading, name in by_loading if loading < -_LOADING)
        yield f"  {number}: {more}" + (f" against {less}" if less else "")


def _pairs(pairs: Sequence[tuple[float, str, str]]) -> str:
    return ", ".join(f"{name} and {other} {r:.2f}" for r, name, other in pairs)


def _words(summary: Mapping[str, Any]) -> Iterator[str]:
    for name in summary["emotions"]:
        if words := [row["word"] for row in summary["top_words"] if row["emotion"] == name]:
            yield f"words of {name}: {', '.join(words)}"


def _times(summary: Mapping[str, Any]) -> Iterator[str]:
    marked = [row for row in summary["times"] if row["beyond_chance"]]
    for row in sorted(marked, key=lambda row: -abs(row["change"]))[:_CELLS]:
        when = row["when"] if row["of"] == "weekday" else f"{row['when']} h"
        yield f"{when}: {row['emotion']} {100 * row['change']:+.0f}% ({counted(row['posts'], 'post')})"


def _ratings(summary: Mapping[str, Any]) -> Iterator[str]:
    for row in summary["ratings"]:
        if row["r"] is not None and row["with"].startswith("component"):
            ends = f"95% interval {row['low']:.2f} to {row['high']:.2f}"
            yield f"{row['rating']} with {row['with']}: r {row['r']:.2f} ({ends})"


def _thesis(summary: Mapping[str, Any]) -> Iterator[str]:
    ways = summary["ways"]
    said = f"{ways['correlated']}; {ways['tree']}; words by {ways['words']}; outliers by {ways['outliers']}"
    if summary["as_thesis"]:
        yield f"as the thesis' code: {said}"
    else:
        yield f"unlike the thesis' code, which --as-thesis follows: {said}"
