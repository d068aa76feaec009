"""The words of one post as they are shown: Markdown undone; query, subject and what its emotion rests on marked."""

from collections.abc import Mapping
from typing import Any

from feelscope.explore.search.query_text import parse_query
from feelscope.explore.views.marks import query_spans, subject_spans
from feelscope.text.markdown import undone


def shown_post(post: Mapping[str, Any], query: str, subject: str | None) -> dict[str, Any]:
    """Title and text, each with its `text` and `spans`; a text that only repeats its title is empty.

    Args:
        post: Of `views.post`, with `why` in characters of title and text, joined by a line break where both are there.
    """
    parsed, before = parse_query(query), 0
    found: dict[str, dict[str, Any]] = {}
    for name in ("title", "text"):
        raw = post[name] or ""
        if name == "text" and raw.strip() == (post["title"] or "").strip():
            raw = ""
        inside = [
            (max(0, word["start"] - before), min(len(raw), word["end"] - before))
            for word in post["why"]
            if before <= word["start"] < before + len(raw)
        ]
        text, why = undone(raw, inside)
        marks = [("why", span) for span in why]
        marks += (("query", span) for span in query_spans(text, parsed))
        marks += (("subject", span) for span in subject_spans(text, subject))
        spans = [{"start": start, "end": end, "mark": mark} for mark, (start, end) in marks if start < end]
        found[name] = {"text": text, "spans": sorted(spans, key=lambda span: (span["start"], span["end"]))}
        before += len(raw) + 1 if raw else 0
    return found
