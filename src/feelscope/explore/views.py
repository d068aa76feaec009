"""From a state to its views: the one function behind the page, the command and their JSON.

Letters as everywhere: Q the query, F the subject, T the span of time, E the emotion.

| view | posts that count |
|---|---|
| `counts.query`, `subjects` | (Q, T, E) |
| `counts.subject`, `sentences`, `pictures` | (Q, F, T, E) |
| `timeline`: `query`, `subject` | (Q, E), (Q, F, E): T is only drawn over it |
| `counts.emotions` | (Q, F, T), whatever E is |
| `timeline`: `emotions`, `shares` | (Q, F), whatever E is |
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from feelscope.errors import ExploreError
from feelscope.explore.engine import counts, total
from feelscope.explore.pictures import pictures
from feelscope.explore.request import by_emotion, counting, matching
from feelscope.explore.rounds import Asking, ask_together
from feelscope.explore.sentence_choice import sentences_view
from feelscope.explore.state import Facts, State, close_match, settle
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
    asking: dict[str, Asking] = {}
    if "subjects" in parts:  # first, as it takes the engine longest
        asking["subjects"] = subjects_view(archive, asked, unit, subjects_page)
    asking["counts"] = _counts(facts, asked, subject)
    if "timeline" in parts:
        asking["timeline"] = timeline(archive, asked, subject, unit)
    if "sentences" in parts:
        asking["sentences"] = sentences_view(archive, asked, subject, sentences_page)
    if "pictures" in parts:
        asking["pictures"] = pictures(archive, asked, subject)
    found = ask_together(archive.engine, asking)
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
        "counts": found["counts"],
    }
    return answer | {part: found[part] for part in PARTS if part in parts}


def _counts(facts: Facts, state: State, subject: int | None) -> Asking:
    felt = counting(matching(state, subject, of_emotion=False), emotions=by_emotion())
    queries = [matching(state)] if subject is None else [matching(state), matching(state, subject)]
    first, *replies = yield [felt, *map(counting, queries)]
    emotions = counts(first, "emotions")
    return {
        "query": total(replies[0]),
        "subject": None if subject is None else total(replies[1]),
        "emotions": {name: emotions.get(name, 0) for name in facts.emotions},
    }


def _check(unit: str, parts: Sequence[str], *pages: int) -> None:
    for given, known, what in (((unit,), UNITS, "unit"), (parts, PARTS, "part")):
        for one in given:
            if one not in known:
                raise ExploreError(f"{one!r} is no {what}{close_match(one, known)}; there are {', '.join(known)}")
    for page in pages:
        if page < 1:
            raise ExploreError(f"pages are counted from 1, and {page} was asked for")
