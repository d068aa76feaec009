"""A question in words, as the page's headline says it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from feelscope.text.counts import counted

Json = Mapping[str, Any]


def in_words(answer: Json) -> str:
    """Counts and question of an answer: "328 posts for boston, on 15 Apr 2013; 42 of them mention marathon"."""
    state, counts, archive, against = (answer[name] for name in ("state", "counts", "archive", "against"))
    parts = [counted(counts["query"], "post")]
    if state["query"].strip():
        parts.append(f"for {state['query']}")
    if state["emotion"]:
        parts.append(f"read as {state['emotion']}")
    for name, value in state.items():
        if value and name not in ("query", "subject", "from", "to", "emotion", "area"):
            parts.append(f"with {name.removeprefix('facet.')} {value}")
    if state["area"]:
        parts.append("in a part of the map")
    words = " ".join(parts)
    if (state["from"], state["to"]) != (archive["from"], archive["to"]):
        words += f", {_span(state['from'], state['to'])}"
    if state["subject"]:
        words += f"; {counts['subject']:,} of them mention {state['subject']}"
    if against is not None:
        words += f"; compared with {counted(counts['other'], 'post')}"
        if against["rest"]:
            words += " of other times" if against["by_time"] else " without these words"
        else:
            words += "" if against["by_time"] or not against["query"] else f" for {against['query']}"
            words += f", {_span(against['from'], against['to'])}" if against["from"] else ""
    return words


def day(text: str) -> str:
    """A day as people write it: 3 Apr 2013."""
    one = date.fromisoformat(text[:10])
    return f"{one.day} {one:%b %Y}"


def _span(start: str, end: str) -> str:
    last = (date.fromisoformat(end) - timedelta(1)).isoformat()
    return f"on {day(start)}" if last == start else f"from {day(start)} to {day(last)}"
