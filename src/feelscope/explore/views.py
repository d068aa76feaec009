"""From a state to its views: the one function behind the page, the command and their JSON.

Letters as everywhere: Q the query, F the subject, T the span of time, E the emotion.

| view | posts that count |
|---|---|
| `counts.query`, `subjects` | (Q, T, E) |
| `counts.subject`, `sentences`, `pictures` | (Q, F, T, E) |
| `timeline`: `query`, `subject` | (Q, E), (Q, F, E): T is only drawn over it |
| `timeline`: `emotions`, `shares` | (Q, F), whatever E is |
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from feelscope.errors import ExploreError
from feelscope.explore.engine import total
from feelscope.explore.pictures import pictures
from feelscope.explore.request import counting, matching
from feelscope.explore.sentence_choice import sentences_view
from feelscope.explore.state import State, close_match, settle
from feelscope.explore.subject_rows import subjects_view
from feelscope.explore.timeline import UNITS, timeline

if TYPE_CHECKING:
    from feelscope.explore.archive import Archive

PARTS = ("timeline", "subjects", "sentences", "pictures")


def views(
    archive: "Archive",
    state: State,
    *,
    unit: str = "month",
    parts: Sequence[str] = PARTS,
    subjects_page: int = 1,
    sentences_page: int = 1,
) -> dict[str, Any]:
    """Answer a state.

    Args:
        unit: Of the timeline's bins: `day`, `month` or `year`.
        parts: Which views to compute; state, archive and counts are always there.
        subjects_page: From 1 on; behind the last page there are no rows.
        sentences_page: The same.

    Raises:
        ExploreError: An unknown unit, part, subject or emotion, a page below 1, or a span that cannot be.
    """
    _check(unit, parts, subjects_page, sentences_page)
    facts = archive.facts
    subject = None if state.subject is None else archive.vocabulary.number(state.subject)
    asked = settle(state, facts)
    wanted = counting(matching(asked)), counting(matching(asked, subject))
    replies = archive.engine.search_all(wanted[: 1 if subject is None else 2])
    answer: dict[str, Any] = {
        "state": {
            "query": state.query,
            "subject": None if subject is None else archive.vocabulary.text(subject),
            "from": asked.start or facts.start,
            "to": asked.end or facts.end,
            "emotion": state.emotion,
        },
        "archive": {
            "name": facts.name,
            "posts": facts.posts,
            "from": facts.start,
            "to": facts.end,
            "emotions": list(facts.emotions),
            "pictures": facts.pictures,
            "undated": facts.undated,
        },
        "counts": {"query": total(replies[0]), "subject": None if subject is None else total(replies[1])},
    }
    if "timeline" in parts:
        answer["timeline"] = timeline(archive, asked, subject, unit)
    if "subjects" in parts:
        answer["subjects"] = subjects_view(archive, asked, unit, subjects_page)
    if "sentences" in parts:
        answer["sentences"] = sentences_view(archive, asked, subject, sentences_page)
    if "pictures" in parts:
        answer["pictures"] = pictures(archive, asked, subject)
    return answer


def _check(unit: str, parts: Sequence[str], *pages: int) -> None:
    for given, known, what in (((unit,), UNITS, "unit"), (parts, PARTS, "part")):
        for one in given:
            if one not in known:
                raise ExploreError(f"{one!r} is no {what}{close_match(one, known)}; there are {', '.join(known)}")
    for page in pages:
        if page < 1:
            raise ExploreError(f"pages are counted from 1, and {page} was asked for")
