"""An archive: an index and the views of it, which the page, the command and programs ask for.

Letters as everywhere: Q the query, F the subject, T the span of time, E the emotion.

| view | posts that count |
|---|---|
| `counts.query`, `subjects` | (Q, T, E) |
| `counts.subject`, `sentences`, `pictures` | (Q, F, T, E) |
| `timeline`: `query`, `subject` | (Q, E), (Q, F, E): T is only drawn over it |
| `counts.emotions` | (Q, F, T), whatever E is |
| `timeline`: `emotions`, `shares` | (Q, F), whatever E is |
| `facets` | (Q, F, T, E), whatever value of the facet itself is asked for; its `emotions` whatever E is |
| `words` | each word of Q by itself, in all posts |

Every view but `words` counts only posts that have the facets' values that are asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError
from feelscope.explore.index.opened import OpenIndex, open_index
from feelscope.explore.search.engine import counts, total
from feelscope.explore.search.request import by_emotion, counting, matching
from feelscope.explore.search.rounds import Asking, ask_together
from feelscope.explore.search.state import Facts, State, facet_key, settle
from feelscope.explore.views.facets import facets_view
from feelscope.explore.views.pictures import pictures
from feelscope.explore.views.post import post_with_reasons
from feelscope.explore.views.question import Question
from feelscope.explore.views.sentences import sentences_view
from feelscope.explore.views.subjects import subjects_view
from feelscope.explore.views.timeline import timeline
from feelscope.explore.views.words import words_view

_VIEWS: Mapping[str, Callable[[Question], Asking]] = {
    "timeline": timeline,
    "subjects": subjects_view,
    "sentences": sentences_view,
    "pictures": pictures,
    "facets": facets_view,
    "words": words_view,
}
PARTS = tuple(_VIEWS)


class Archive:
    """An open index that can be asked; `open_archive` makes one."""

    def __init__(self, index: OpenIndex) -> None:
        self.index = index

    @property
    def facts(self) -> Facts:
        """What all posts together are."""
        return self.index.facts

    def views(
        self,
        state: State | Mapping[str, str | None],
        *,
        unit: str = "month",
        parts: Sequence[str] = PARTS,
        subjects_page: int = 1,
        sentences_page: int = 1,
        rows: int = 10,
    ) -> dict[str, Any]:
        """The views of a state.

        Args:
            unit: Of the timeline's bins: `day`, `month` or `year`.
            parts: Which views to compute; state, archive and counts are always there.
            subjects_page: From 1 on; after the last page there are no rows.
            sentences_page: The same.
            rows: Of a page, 100 at most.

        Raises:
            ExploreError: An unknown unit, part, subject, emotion or facet, a page that is out of range, a span that
                cannot be, a query that is too long or cannot be read, or more bins than are counted.
        """
        for part in parts:
            if part not in PARTS:
                raise ExploreError(f"{part[:40]!r} is not a part; {did_you_mean(part[:40], PARTS)}")
        facts = self.facts
        state = settle(state if isinstance(state, State) else State.read(state, facts.facets), facts)
        question = Question(self.index, state, unit, subjects_page, sentences_page, rows)
        # Subjects first, as they take the engine longest.
        names = sorted(dict.fromkeys(parts), key=lambda part: part != "subjects")
        asking = {name: _VIEWS[name](question) for name in names} | {"counts": _counts(question)}
        views = ask_together(self.index.engine, asking)
        return {
            "state": {
                "query": state.query,
                "subject": question.subject_text,
                "from": state.start or facts.start,
                "to": state.end or facts.end,
                "emotion": state.emotion,
                **{facet_key(name): dict(state.facets).get(name) for name in facts.facets},
            },
            "archive": {
                "name": facts.name,
                "posts": facts.posts,
                "from": facts.start,
                "to": facts.end,
                "emotions": list(facts.emotions),
                "pictures": facts.pictures,
                "undated": facts.undated,
                "facets": list(facts.facets),
            },
            "counts": views["counts"],
            **{part: views[part] for part in PARTS if part in parts},
        }

    def post(self, id: str) -> dict[str, Any] | None:
        """One post, and the words its emotion rests on; None where the archive has none of this id."""
        return post_with_reasons(self.index, id)


def open_archive(folder: Path | str, address: str = "") -> Archive:
    """Open an index; see `open_index`."""
    return Archive(open_index(Path(folder), address))


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
