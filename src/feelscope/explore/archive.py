"""An archive: an index and the views of it, which the page, the command and programs ask for.

Letters as everywhere: Q the query, F the subject, T the span of time, E the emotion.

| view | posts that count |
|---|---|
| `counts.query`, `subjects` | (Q, T, E) |
| `counts.subject`, `sentences`, `pictures` | (Q, F, T, E) |
| `counts.emotions`, `feelings` | (Q, F, T), whatever E is |
| `timeline`: `query`, `subject` | (Q, T, E), (Q, F, T, E) |
| `timeline`: `emotions`, `shares`; `course` | (Q, F, T), whatever E is |
| `context` | (Q, E), (Q, F, E): T is only drawn over it |
| `contrast` | (Q, T, E) and what it is compared with |
| `map` | (Q, F, T, E), whatever part of it is chosen |
| `facets` | (Q, F, T, E), whatever value of the facet itself is asked for; its `emotions` whatever E is |
| `words` | each word of Q by itself, in all posts |
| `regions`, `opening` | all posts |

Every view but the last three counts only posts that have the facets' values that are asked for and are in the part of
the map that is chosen. What is compared is the same question with other words or another time, or what is left without
them, see `views.against`. Where two times are compared, `timeline`, `course` and the small timelines of subjects show
the span of both.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from feelscope.config import did_you_mean
from feelscope.errors import ExploreError
from feelscope.explore.index.everything import everything_requests, read_everything
from feelscope.explore.index.opened import OpenIndex, open_index
from feelscope.explore.search.bins import AUTO, check_unit
from feelscope.explore.search.chance import BITS
from feelscope.explore.search.engine import counts, total
from feelscope.explore.search.read_as import read_as
from feelscope.explore.search.request import by_emotion, counting, matching
from feelscope.explore.search.rounds import Asking, ask_together
from feelscope.explore.search.state import Facts, State, facet_key, settle
from feelscope.explore.views.against import Against, Side, in_both, settle_against
from feelscope.explore.views.all_sentences import all_sentences
from feelscope.explore.views.contrast import contrast
from feelscope.explore.views.course import course
from feelscope.explore.views.facets import facets_view
from feelscope.explore.views.feelings import feelings
from feelscope.explore.views.opening import opening
from feelscope.explore.views.orders import ORDERS, check_order
from feelscope.explore.views.pictures import pictures
from feelscope.explore.views.post import find_post, post_with_reasons
from feelscope.explore.views.posts_map import posts_map
from feelscope.explore.views.question import Question
from feelscope.explore.views.regions import regions
from feelscope.explore.views.sentences import sentences_view
from feelscope.explore.views.shown_post import shown_post
from feelscope.explore.views.similar import by_chance, similar
from feelscope.explore.views.subjects import subjects_view
from feelscope.explore.views.timeline import context, timeline
from feelscope.explore.views.words import words_view

_VIEWS: Mapping[str, Callable[[Question], Asking]] = {
    "context": context,
    "timeline": timeline,
    "feelings": feelings,
    "course": course,
    "subjects": subjects_view,
    "contrast": contrast,
    "sentences": sentences_view,
    "pictures": pictures,
    "facets": facets_view,
    "words": words_view,
    "opening": opening,
    "map": posts_map,
    "regions": regions,
}
_APART = ("map", "regions")  # that are there only where they are asked for by name
PARTS = tuple(name for name in _VIEWS if name not in _APART)


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
        against: Against | Mapping[str, str | None] | None = None,
        course: str | None = None,
        unit: str = AUTO,
        parts: Sequence[str] = PARTS,
        subjects_page: int = 1,
        sentences_page: int = 1,
        rows: int = 10,
        order: str = "oldest",
    ) -> dict[str, Any]:
        """The views of a state.

        Args:
            against: What the state is compared with; None for nothing.
            course: The emotion whose course is asked for; None for none.
            unit: Of the bins of time: `day`, `week`, `month`, `year`, or `auto` for one that fits the time.
            parts: Which views to compute; state, archive and counts are always there.
            subjects_page: From 1 on; after the last page there are no rows.
            sentences_page: The same.
            rows: Of a page, 100 at most.
            order: Of sentences: `oldest`, `newest`, `surest`, `best` match or most `typical` first.

        Raises:
            ExploreError: An unknown unit, order, part, subject, emotion or facet, a page that is out of range, a span
                that cannot be, a query that is too long or cannot be read, or more bins than are counted.
        """
        for part in parts:
            if part not in _VIEWS:
                raise ExploreError(f"{part[:40]!r} is not a part; {did_you_mean(part[:40], _VIEWS)}")
        facts, given = self.facts, against if isinstance(against, Against) or against is None else Against.read(against)
        question = self._question(state, given, course, unit, order, subjects_page, sentences_page, rows)
        state, side = question.state, question.against
        self._count_everything()
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
                "area": None if state.area is None else str(state.area),
                **{facet_key(name): dict(state.facets).get(name) for name in facts.facets},
                "read_as": read_as(state.query),
            },
            "against": None if side is None else _written(side, given, facts),
            "archive": {
                "name": facts.name,
                "posts": facts.posts,
                "from": facts.start,
                "to": facts.end,
                "emotions": list(facts.emotions),
                "pictures": facts.pictures,
                "undated": facts.undated,
                "facets": list(facts.facets),
                "map": facts.mapped,
                "no_map": self.index.no_map,
            },
            "counts": views["counts"],
            **{part: views[part] for part in _VIEWS if part in parts},
        }

    def all_sentences(
        self, state: State | Mapping[str, str | None], unit: str = AUTO, order: str = ORDERS[0]
    ) -> Iterator[dict[str, Any]]:
        """The rows of all pages of `sentences`, which come while they are found.

        Raises:
            ExploreError: As `views`.
        """
        return all_sentences(self._question(state, None, None, unit, order))

    def _question(
        self,
        state: State | Mapping[str, str | None],
        against: Against | None,
        course: str | None,
        unit: str,
        order: str,
        subjects_page: int = 1,
        sentences_page: int = 1,
        rows: int = 10,
    ) -> Question:
        facts = self.facts
        state = settle(state if isinstance(state, State) else State.read(state, facts.facets), facts)
        check_order(order)
        if unit != AUTO:
            check_unit(unit)
        side = None if against is None else settle_against(against, state, facts)
        return Question(self.index, state, unit, subjects_page, sentences_page, rows, side, course, order)

    def _count_everything(self) -> None:
        """Count all posts, once; of threads that do so at the same time any may be first."""
        if not self.index.everything:
            replies = self.index.engine.search_all(everything_requests(self.facts))
            self.index.everything.append(read_everything(replies, self.facts.emotions))

    def post(self, id: str, query: str = "", subject: str | None = None) -> dict[str, Any] | None:
        """One post, and the words its emotion rests on; None where the archive has none of this id.

        Args:
            query: Marked in what is `shown`, and so is the subject.
        """
        settle(State(query, subject), self.facts)
        post = post_with_reasons(self.index, id)
        return None if post is None else {**post, "shown": shown_post(post, query, subject)}

    def similar(self, id: str) -> dict[str, Any] | None:
        """What is most like a post; see `views.similar`."""
        return similar(self.index, id)

    def spot(self, key: int) -> dict[str, Any] | None:
        """A post of the map by its `key`; None where the archive has none of it."""
        return by_chance(self.index, key) if self.facts.mapped and 0 <= key < 2**BITS else None

    def found(self, id: str) -> dict[str, Any] | None:
        """One post as engines hold it; None where the archive has none of this id."""
        return find_post(self.index, id)


def open_archive(folder: Path | str, address: str = "") -> Archive:
    """Open an index; see `open_index`."""
    return Archive(open_index(Path(folder), address))


def _counts(question: Question) -> Asking:
    state, subject = question.state, question.subject
    felt = counting(matching(state, subject, of_emotion=False), emotions=by_emotion())
    side, requests = question.against, {"query": [matching(state)]}
    if subject is not None:
        requests["subject"] = [matching(state, subject)]
    if side is not None:
        requests["other"] = side.queries()
        if subject is not None:
            requests["other_subject"] = side.queries(subject)
        if side.less is None:
            requests["both"] = [in_both(state, side, None)]
    of_emotions, *replies = yield [felt, *(counting(query) for queries in requests.values() for query in queries)]
    totals, emotions = iter(map(total, replies)), counts(of_emotions, "emotions")
    found: dict[str, Any] = {"query": None, "subject": None}
    for name, queries in requests.items():
        posts = [next(totals) for _ in queries]
        found[name] = posts[0] - sum(posts[1:])
    found["emotions"] = {name: emotions.get(name, 0) for name in question.index.facts.emotions}
    return found


def _written(side: Side, given: Against | None, facts: Facts) -> dict[str, Any]:
    """What is compared with, as JSON has it."""
    rest = given is not None and given.rest
    state = side.state
    return {
        "rest": rest,
        "query": state.query,
        "from": state.start or facts.start,
        "to": state.end or facts.end,
        "by_time": side.by_time,
    }
