"""A trend as lines for a terminal."""

from feelscope.explore.trend.trend import Json, Trend
from feelscope.text.counts import counted

_MOST = 3  # emotions of a change


def describe(trend: Trend) -> str:
    """The emotions of all posts, and every change."""
    figures = trend.as_json()
    left_out = "".join(f", {number:,} {what} left out" for what, number in trend.left_out.items())
    span = f"{trend.bins[0][0]} to before {trend.bins[-1][1]}"
    lines = [f"{trend.of}: {counted(int(trend.posts.sum()), 'post')} by {trend.unit}, {span}{left_out}", ""]
    width = max(map(len, trend.emotions))
    for name, level in figures["emotions"].items():
        lines.append(f"{name:<{width}} {level['share']:6.1%}  ({level['low']:.1%} to {level['high']:.1%})")
    lines.append("")
    if not figures["changes"]:
        lines.append(f"No change in the mix of emotions was found in {counted(len(trend.bins), trend.unit)}.")
    for change in figures["changes"]:
        lines.append(f"Change at {change['at']} ({change['from']} to before {change['to']}):")
        rows = change["emotions"]
        beyond_chance = [row for row in rows if row["low"] > 0 or row["high"] < 0][:_MOST]
        lines += [f"  {_change(row)}" for row in beyond_chance or rows[:1]]
    return "\n".join(lines)


def in_a_line(trend: Trend) -> str:
    """The same, short, for a trend that is followed: the last bin and the last change."""
    shares, *_ = trend.shares()
    start = trend.bins[-1][0]
    felt = sorted(zip(trend.emotions, shares[-1].tolist(), strict=True), key=lambda pair: -pair[1])[:_MOST]
    few = trend.posts[-1] == 0 or any(share != share for _, share in felt)
    said = "too few for shares" if few else ", ".join(f"{name} {share:.1%}" for name, share in felt)
    changes = trend.changes()
    last = f"last change at {changes[-1]['at']}" if changes else "no change"
    return (
        f"{counted(int(trend.posts.sum()), 'post')}; {trend.unit} of {start}: {int(trend.posts[-1]):,}, {said}; {last}"
    )


def _change(row: Json) -> str:
    low, high = sorted((row["low"], row["high"]))
    points = f"{100 * row['difference']:+.1f} points, {100 * low:+.1f} to {100 * high:+.1f}"
    return f"{row['emotion']} {row['before']:.1%} to {row['after']:.1%} ({points})"
