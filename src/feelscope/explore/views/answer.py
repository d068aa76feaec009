"""All views of a question: the one function behind the page, the command and their JSON.

Letters as everywhere: Q the query, F the subject, T the span of time, E the emotion.

| view | posts that count |
|---|---|
| `counts.query`, `subjects` | (Q, T, E) |
| `counts.subject`, `sentences`, `pictures` | (Q, F, T, E) |
| `timeline`: `query`, `subject` | (Q, E), (Q, F, E): T is only drawn over it |
| `counts.emotions` | (Q, F, T), whatever E is |
| `timeline`: `emotions`, `shares` | (Q, F), whatever E is |
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError
from feelscope.explore.search.engine import counts, total
from feelscope.explore.search.request import by_emotion, counting, matching
from feelscope.explore.search.rounds import Asking, ask_together
from feelscope.explore.views.pictures import pictures
from feelscope.explore.views.question import Question
from feelscope.explore.views.sentences import sentences_view
from feelscope.explore.views.subjects import subjects_view
from feelscope.explore.views.timeline import timeline

_VIEWS: Mapping[str, Callable[[Question], Asking]] = {
    "timeline": timeline,
    "subjects": subjects_view,
    "sentences": sentences_view,
    "pictures": pictures,
}
PARTS = tuple(_VIEWS)


def answer(question: Question, parts: Sequence[str] = PARTS) -> dict[str, Any]:
    """Answer a question.

    Args:
        parts: Which views to compute; state, archive and counts are always there.

    Raises:
        ExploreError: An unknown part.
    """
    for part in parts:
        if part not in PARTS:
            raise ExploreError(f"{part!r} is not a part; {did_you_mean(part, PARTS)}")
    state, facts = question.state, question.index.facts
    # Subjects first, as they take the engine longest.
    names = sorted(dict.fromkeys(parts), key=lambda part: part != "subjects")
    asking = {name: _VIEWS[name](question) for name in names} | {"counts": _counts(question)}
    views = ask_together(question.index.engine, asking)
    return {
        "state": {
            "query": state.query,
            "subject": question.subject_text,
            "from": state.start or facts.start,
            "to": state.end or facts.end,
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
        "counts": views["counts"],
        **{part: views[part] for part in PARTS if part in parts},
    }


def _counts(question: Question) -> Asking:
    state, subject = question.state, question.subject
    felt = counting(matching(state, subject, of_emotion=False), emotions=by_emotion())
    queries = [matching(state)] if subject is None else [matching(state), matching(state, subject)]
    of_emotions, *replies = yield [felt, *map(counting, queries)]
    emotions = counts(of_emotions, "emotions")
    return {
        "query": total(replies[0]),
        "subject": None if subject is None else total(replies[1]),
        "emotions": {name: emotions.get(name, 0) for name in question.index.facts.emotions},
    }
