"""Sentences: one of every matching post, in the order of their dates, with query and subject marked.

Of a post's sentences, one with both Q and F goes before one with either, and that before one with neither. Among those
that are left the strongest in E is taken where E is set, and otherwise the first.

How strong a sentence is in an emotion: for each of its words, how many times more often than of all posts with the word
than of all posts the emotion is, as a logarithm, added up (naive Bayes). Nothing but the archive's own posts is asked.
"""

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from feelscope.explore.engine import total
from feelscope.explore.query_text import Wanted, read_query
from feelscope.explore.request import counting, listing, matching
from feelscope.explore.rounds import Asking
from feelscope.explore.state import State
from feelscope.text.emoji import VARIATIONS
from feelscope.text.sentences import sentences
from feelscope.text.stems import stem_places, stems

if TYPE_CHECKING:
    from feelscope.explore.archive import Archive

ROWS_A_PAGE = 10
_MOST = 20  # sentences of a post that are weighed; the first ones
_PRIOR = 10  # posts of an ordinary mixture that each word is thought to have besides its own
Span = tuple[int, int]


def sentences_view(archive: "Archive", state: State, subject: int | None, page: int) -> Asking:
    """One page of the sentences of (Q, F, T, E).

    Args:
        state: Settled.
        subject: F's number.
        page: From 1 on.
    """
    query = matching(state, subject)
    (reply,) = yield [listing(query, first=(page - 1) * ROWS_A_PAGE, size=ROWS_A_PAGE)]
    wanted = read_query(state.query)
    text = None if subject is None else archive.vocabulary.text(subject)
    posts = [hit["_source"] for hit in reply["hits"]["hits"]]
    among = [best(whole(post), wanted, text) for post in posts]
    if state.emotion is None:
        chosen = [some[0] for some in among]
    else:
        strength = archive.strengths.setdefault(state.emotion, Strength(state.emotion, archive.facts.posts))
        yield from strength.learn(sentence for some in among if len(some) > 1 for sentence in some)
        chosen = [max(some, key=strength) if len(some) > 1 else some[0] for some in among]  # the first of equals
    found = total(reply)
    return {
        "total": found,
        "page": page,
        "pages": max(1, -(-found // ROWS_A_PAGE)),
        "rows": [_row(post, sentence, wanted, text) for post, sentence in zip(posts, chosen, strict=True)],
    }


def _row(post: dict[str, Any], sentence: str, wanted: Wanted, subject: str | None) -> dict[str, Any]:
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


def whole(post: dict[str, Any]) -> str:
    """What the sentences of a post are of: title and text, and a title that only repeats the text once."""
    title, text = post["title"].strip(), post["text"].strip()
    return "\n".join(part for part in ("" if title == text else title, text) if part)


def best(text: str, wanted: Wanted, subject: str | None) -> list[str]:
    """The sentences of a text that have most of query and subject, in their order: one or more, and at most 20."""
    spans = sentences(text)
    if len(spans) < 2:
        return [text[slice(*spans[0])] if spans else text]
    of_query, of_subject = query_spans(text, wanted), subject_spans(text, subject)
    ranks = [any_within(of_query, span) + any_within(of_subject, span) for span in spans]
    most = max(ranks)
    return [text[slice(*span)] for span, rank in zip(spans, ranks, strict=True) if rank == most][:_MOST]


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
    between = "" if subject.isascii() else f"{VARIATIONS}*"  # which `find_emoji` leaves out
    words = r"\s+".join(between.join(map(re.escape, word)) for word in subject.split())
    start, end = (r"(?<!\w)" if subject[0].isalnum() else ""), (r"(?!\w)" if subject[-1].isalnum() else "")
    return re.compile(f"{start}{words}{end}", re.IGNORECASE)


def address(image: str) -> str | None:
    """Where the page finds a post's small picture."""
    return f"/thumbnails/{image}" if image else None


class Strength:
    """How strong a sentence is in an emotion, by the archive's own posts.

    Args:
        posts: In the archive.
    """

    def __init__(self, emotion: str, posts: int) -> None:
        self._emotion, self._posts = emotion, posts
        self._weights: dict[str, float] = {}

    def __call__(self, sentence: str) -> float:
        """Zero for words that say nothing, more the more they go with the emotion."""
        return sum(self._weights[stem] for stem in stems(sentence))

    def learn(self, some: Iterable[str]) -> Asking:
        """Ask for the weights of the words that are not known, in one round."""
        unknown = {stem: None for sentence in some for stem in stems(sentence) if stem not in self._weights}
        if not unknown:
            return
        of = {"term": {"emotion": self._emotion}}
        words = [{"term": {"words": stem}} for stem in unknown]
        requests = [counting({"bool": {"filter": [word]}}) for word in words]
        requests += [counting({"bool": {"filter": [word, of]}}) for word in words]
        requests.append(counting({"bool": {"filter": [of]}}))
        *replies, all_of = map(total, (yield requests))
        share = all_of / self._posts
        for stem, posts, felt in zip(unknown, replies[: len(words)], replies[len(words) :], strict=True):
            self._weights[stem] = math.log((felt + _PRIOR * share) / ((posts + _PRIOR) * share))
