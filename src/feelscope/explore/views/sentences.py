"""Sentences: one of every matching post, in one of `views.orders`, with query and subject marked.

Of a post's sentences, one with both Q and F goes before one with either, and that before one with neither. Among those
that are left the strongest in E is taken where E is set, and otherwise the first.

How strong a sentence is in an emotion: for each of its words the logarithm of how many times more often posts with the
word have the emotion than all posts do, added up (naive Bayes). Nothing but the archive's own posts is asked.
"""

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from feelscope.explore.search.document import alike_key
from feelscope.explore.search.engine import total
from feelscope.explore.search.query_text import ParsedQuery, parse_query
from feelscope.explore.search.request import both, counting, matching, term
from feelscope.explore.search.rounds import Asking
from feelscope.explore.views.orders import ordered
from feelscope.explore.views.post import picture_address
from feelscope.explore.views.question import Question
from feelscope.post import Post
from feelscope.text.emoji import VARIATIONS, emoji_places, plain
from feelscope.text.markdown import undone
from feelscope.text.search_words import places
from feelscope.text.sentences import sentences
from feelscope.text.stems import kept_stem, stems

_MOST = 20  # sentences of a post that are weighed; the first ones
_AT_ONCE = 3  # sentences of a long text that are looked at before more are
_PRIOR = 10  # posts of the archive's ordinary mixture that are added to those with a word
_KEPT = 100_000  # weights of words that are kept, of all emotions together: about 15 MB
Span = tuple[int, int]


def sentences_view(question: Question) -> Asking:
    """One page of the sentences of (Q, F, T, E)."""
    page = question.sentences_page
    posts_matching, posts = yield from ordered(question, (page - 1) * question.rows, question.rows)
    rows = yield from sentence_rows(question, posts)
    alike = yield from _alike(question, posts)
    return {
        "order": question.order,
        "total": posts_matching,
        "page": page,
        "pages": question.pages(posts_matching),
        "rows": [{**row, "alike": number} for row, number in zip(rows, alike, strict=True)],
    }


def sentence_rows(question: Question, posts: Sequence[dict[str, Any]]) -> Asking:
    """A row for each of some posts of (Q, F, T, E)."""
    state, subject, parsed = question.state, question.subject_text, parse_query(question.state.query)
    texts = [undone("\n".join(Post("", post["text"], post["title"]).texts))[0] for post in posts]
    if state.emotion is None:
        chosen = [first_best(text, parsed, subject) for text in texts]
    else:
        candidates = [best(text, parsed, subject) for text in texts]
        several = [sentence for sentences_of in candidates if len(sentences_of) > 1 for sentence in sentences_of]
        weights = yield from _weights(question, several, state.emotion)

        def strength(sentence: str) -> float:
            return sum(weights.get(stem, 0.0) for stem in stems(sentence))

        chosen = [max(sentences_of, key=strength) for sentences_of in candidates]  # the first of equals
    return [_row(post, sentence, parsed, subject) for post, sentence in zip(posts, chosen, strict=True)]


def _alike(question: Question, posts: Sequence[dict[str, Any]]) -> Asking:
    """How many posts of (Q, F, T, E) have the words of each post's title, of its text where it has none; 1 or more."""
    keys = [alike_key(Post("", post["text"], post["title"])) for post in posts]
    query, asked = matching(question.state, question.subject), [*dict.fromkeys(filter(None, keys))]
    replies = (
        (yield [counting(both(query, {"bool": {"filter": [term("alike", key)]}})) for key in asked]) if asked else []
    )
    number = dict(zip(asked, map(total, replies), strict=True))
    return [number.get(key, 1) for key in keys]


def _row(post: dict[str, Any], sentence: str, query: ParsedQuery, subject: str | None) -> dict[str, Any]:
    marks = [("query", span) for span in query_spans(sentence, query)]
    marks += (("subject", span) for span in subject_spans(sentence, subject))
    return {
        "id": post["id"],
        "date": post.get("created_at", "")[:10] or None,
        "emotion": post.get("emotion"),
        "source": post["source"] or None,
        "author": post["author"] or None,
        "url": post["url"] or None,
        "score": post.get("score"),
        "title": post["title"],
        "full_text": post["text"],
        "text": sentence,
        "spans": [
            {"start": start, "end": end, "mark": mark}
            for mark, (start, end) in sorted(marks, key=lambda marked: marked[1])
        ],
        "image": picture_address(post["image"]),
    }


def best(text: str, query: ParsedQuery, subject: str | None) -> list[str]:
    """The sentences of a text that have most of query and subject, in their order: one or more, and at most 20."""
    spans = sentences(text)
    if len(spans) < 2:
        return [text[slice(*spans[0])] if spans else text]
    of_query, of_subject = query_spans(text, query), subject_spans(text, subject)
    ranks = [
        sum(any(first <= start and end <= last for start, end in marked) for marked in (of_query, of_subject))
        for first, last in spans
    ]
    most = max(ranks)
    return [text[slice(*span)] for span, rank in zip(spans, ranks, strict=True) if rank == most][:_MOST]


def first_best(text: str, query: ParsedQuery, subject: str | None) -> str:
    """The first of `best`, for which a long text is not read to its end."""
    spans = sentences(text)
    if len(spans) < 2:
        return text[slice(*spans[0])] if spans else text
    possible = any(not leaf.excluded for leaf in query.leaves) + (subject is not None)
    most, found, place, number = 0, spans[0], 0, _AT_ONCE
    while place < len(spans) and most < possible:
        some = spans[place : place + number]
        part, offset = text[some[0][0] : some[-1][1]], some[0][0]
        marked = [query_spans(part, query), subject_spans(part, subject)]
        for first, end in some:
            inside = (any(first - offset <= low and high <= end - offset for low, high in marks) for marks in marked)
            if (rank := sum(inside)) > most:
                most, found = rank, (first, end)
        place, number = place + number, 2 * number
    return text[slice(*found)]


def query_spans(text: str, query: ParsedQuery) -> list[Span]:
    """Where the words and phrases of a query are in a text; those that it excludes are nowhere."""
    forms = [form for leaf in query.leaves if not leaf.excluded for form in leaf.forms]
    if not forms:
        return []
    words, beside = places(text)
    stems = {word for field, (word, *_) in forms if field == "words"}
    single = {wanted[0] for field, wanted in forms if field == "exact" and len(wanted) == 1}
    spans = {
        (start, end) for word, start, end in (*words, *beside) if word in single or (stems and kept_stem(word) in stems)
    }
    for _, phrase in forms:
        if len(phrase) > 1:
            for first in range(len(words) - len(phrase) + 1):
                if all(words[first + step][0] == word for step, word in enumerate(phrase)):
                    spans.add((words[first][1], words[first + len(phrase) - 1][2]))
    return _outermost(spans)


def _outermost(spans: Iterable[Span]) -> list[Span]:
    """Those that are in no other one: of *rebel's*, which is *rebel* and *rebels* too, the whole."""
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return kept


def subject_spans(text: str, subject: str | None) -> list[Span]:
    """Where a subject is in a text: its words in any case, with any blanks between them; an emoji only whole."""
    if subject is not None and not subject.isascii() and plain(subject) == subject:
        return [(start, end) for emoji, start, end in emoji_places(text) if emoji == subject]
    return [] if subject is None else [match.span() for match in _pattern(subject).finditer(text)]


@lru_cache(1000)
def _pattern(subject: str) -> re.Pattern[str]:
    between = "" if subject.isascii() else f"{VARIATIONS}*"  # which `find_emoji` leaves out
    words = r"\s+".join(between.join(map(re.escape, word)) for word in subject.split())
    start, end = (r"(?<!\w)" if subject[0].isalnum() else ""), (r"(?!\w)" if subject[-1].isalnum() else "")
    return re.compile(f"{start}{words}{end}", re.IGNORECASE)


def _weights(question: Question, texts: Iterable[str], emotion: str) -> Asking:
    """The weights of the words of some texts; those that are not known yet are asked for, in one round."""
    kept, posts = question.index.word_weights, question.index.facts.posts
    known = kept.get(emotion, {})
    weights = {stem: known.get(stem) for text in texts for stem in stems(text)}
    unknown = [stem for stem, weight in weights.items() if weight is None]
    if not unknown:
        return weights
    with_emotion = term("emotion", emotion)
    words = [term("words", stem) for stem in unknown]
    requests = [counting({"bool": {"filter": [word]}}) for word in words]
    requests += [counting({"bool": {"filter": [word, with_emotion]}}) for word in words]
    requests.append(counting({"bool": {"filter": [with_emotion]}}))
    *totals, felt_posts = map(total, (yield requests))
    share = felt_posts / posts
    learnt = {
        stem: math.log((felt + _PRIOR * share) / ((having + _PRIOR) * share))
        for stem, having, felt in zip(unknown, totals[: len(words)], totals[len(words) :], strict=True)
    }
    if sum(map(len, [*kept.values()])) + len(learnt) > _KEPT:
        kept.clear()
    kept.setdefault(emotion, {}).update(learnt)
    return weights | learnt
