"""Sentences: one of every matching post, in the order of their dates, with query and subject marked.

Of a post's sentences, one with both Q and F goes before one with either, and that before one with neither. Among those
that are left the strongest in E is taken where E is set, and otherwise the first.

How strong a sentence is in an emotion: for each of its words, how many times more often than of all posts with the word
than of all posts the emotion is, as a logarithm, added up (naive Bayes). Nothing but the archive's own posts is asked.
"""

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from feelscope.explore.engine import total
from feelscope.explore.query_text import Wanted, read_query
from feelscope.explore.request import counting, listing, matching
from feelscope.explore.state import State
from feelscope.explore.stems import stem_places

if TYPE_CHECKING:
    from feelscope.explore.archive import Archive

ROWS_A_PAGE = 10
_MOST = 20  # sentences of a post that are weighed; the first ones
_PRIOR = 10  # posts of an ordinary mixture that each word is thought to have besides its own
Span = tuple[int, int]


def sentences_view(archive: "Archive", state: State, subject: int | None, page: int) -> dict[str, Any]:
    """One page of the sentences of (Q, F, T, E).

    Args:
        state: Settled.
        subject: F's number.
        page: From 1 on.
    """
    query = matching(state, subject)
    reply = archive.engine.search(listing(query, first=(page - 1) * ROWS_A_PAGE, size=ROWS_A_PAGE))
    wanted = read_query(state.query)
    text = None if subject is None else archive.vocabulary.text(subject)
    strength = None if state.emotion is None else Strength(archive, state.emotion)
    found = total(reply)
    return {
        "total": found,
        "page": page,
        "pages": max(1, -(-found // ROWS_A_PAGE)),
        "rows": [_row(hit["_source"], wanted, text, strength) for hit in reply["hits"]["hits"]],
    }


def _row(post: dict[str, Any], wanted: Wanted, subject: str | None, strength: "Strength | None") -> dict[str, Any]:
    title, text = post["title"].strip(), post["text"].strip()
    whole = "\n".join(part for part in ("" if title == text else title, text) if part)
    start, end = choose(whole, wanted, subject, strength)
    sentence = whole[start:end]
    marks = [("query", span) for span in query_spans(sentence, wanted)]
    marks += (("subject", span) for span in subject_spans(sentence, subject) if subject is not None)
    return {
        "id": post["id"],
        "date": post.get("created_at", "")[:10] or None,
        "emotion": post.get("emotion"),
        "text": sentence,
        "spans": [
            {"start": low, "end": high, "mark": mark} for mark, (low, high) in sorted(marks, key=lambda one: one[1])
        ],
        "image": address(post["image"]),
    }


def choose(whole: str, wanted: Wanted, subject: str | None, strength: "Strength | None") -> Span:
    """The sentence of a text that is shown, by where it begins and ends."""
    from feelscope.explore.sentences import sentences

    spans = sentences(whole)
    if len(spans) < 2:
        return spans[0] if spans else (0, len(whole))
    of_query, of_subject = query_spans(whole, wanted), subject_spans(whole, subject)
    ranks = [any_within(of_query, span) + any_within(of_subject, span) for span in spans]
    best = [span for span, rank in zip(spans, ranks, strict=True) if rank == max(ranks)]
    if strength is None or len(best) == 1:
        return best[0]
    return max(best[:_MOST], key=lambda span: strength(whole[slice(*span)]))  # the first of equals


def any_within(spans: Iterable[Span], sentence: Span) -> bool:
    """Whether any span lies in a sentence."""
    return any(sentence[0] <= start and end <= sentence[1] for start, end in spans)


def query_spans(text: str, wanted: Wanted) -> list[Span]:
    """Where the words and phrases of a query stand."""
    if not wanted.words and not wanted.phrases:
        return []
    places = stem_places(text)
    found = [(start, end) for stem, start, end in places if stem in wanted.words]
    for phrase in wanted.phrases:
        for at in range(len(places) - len(phrase) + 1):
            if all(places[at + step][0] == stem for step, stem in enumerate(phrase)):
                found.append((places[at][1], places[at + len(phrase) - 1][2]))
    return sorted(set(found))


def subject_spans(text: str, subject: str | None) -> list[Span]:
    """Where a subject stands: its words in any case, with any blanks between them."""
    return [] if subject is None else [found.span() for found in _pattern(subject).finditer(text)]


@lru_cache(1000)
def _pattern(subject: str) -> re.Pattern[str]:
    words = r"\s+".join(map(re.escape, subject.split()))
    start, end = (r"(?<!\w)" if subject[0].isalnum() else ""), (r"(?!\w)" if subject[-1].isalnum() else "")
    return re.compile(f"{start}{words}{end}", re.IGNORECASE)


def address(image: str) -> str | None:
    """Where the page finds a post's small picture."""
    return f"/thumbnails/{image}" if image else None


class Strength:
    """How strong a sentence is in an emotion, by the archive's own posts."""

    def __init__(self, archive: "Archive", emotion: str) -> None:
        self._archive, self._emotion = archive, emotion
        self._weights = archive.weights.setdefault(emotion, {})

    def __call__(self, sentence: str) -> float:
        """Zero for words that say nothing, more the more they go with the emotion."""
        stems = [stem for stem, _, _ in stem_places(sentence)]
        self._learn([stem for stem in dict.fromkeys(stems) if stem not in self._weights])
        return sum(self._weights[stem] for stem in stems)

    def _learn(self, stems: Sequence[str]) -> None:
        """Ask for the weights of some words, in one round."""
        if not stems:
            return
        of = {"term": {"emotion": self._emotion}}
        words = [{"term": {"words": stem}} for stem in stems]
        requests = [counting({"bool": {"filter": [word]}}) for word in words]
        requests += [counting({"bool": {"filter": [word, of]}}) for word in words]
        requests.append(counting({"bool": {"filter": [of]}}))
        *replies, all_of = map(total, self._archive.engine.search_all(requests))
        share = all_of / self._archive.facts.posts
        for stem, posts, felt in zip(stems, replies[: len(stems)], replies[len(stems) :], strict=True):
            self._weights[stem] = math.log((felt + _PRIOR * share) / ((posts + _PRIOR) * share))
