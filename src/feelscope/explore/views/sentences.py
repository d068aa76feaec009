"""Sentences: one of every matching post, in one of `views.orders`, with query and subject marked.

Of a post's sentences, one with both Q and F goes before one with either, and that before one with neither. Among those
that are left the strongest in E is taken where E is set, and otherwise the first.

How strong a sentence is in an emotion: for each of its words the logarithm of how many times more often posts with the
word have the emotion than all posts do, added up (naive Bayes). Nothing but the archive's own posts is asked.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from feelscope.explore.search.document import alike_key
from feelscope.explore.search.engine import total
from feelscope.explore.search.query_text import ParsedQuery, parse_query
from feelscope.explore.search.request import both, counting, matching, term
from feelscope.explore.search.rounds import Asking
from feelscope.explore.views.marks import has_query, query_spans, subject_spans
from feelscope.explore.views.orders import ordered
from feelscope.explore.views.post import picture_address
from feelscope.explore.views.question import Question
from feelscope.post import Post
from feelscope.text.markdown import undone
from feelscope.text.sentences import each_sentence, sentences
from feelscope.text.stems import stems

_MOST = 20  # sentences of a post that are weighed; the first ones
_PRIOR = 10  # posts of the archive's ordinary mixture that are added to those with a word
_KEPT = 100_000  # weights of words that are kept, of all emotions together: about 15 MB


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


def sentence_rows(question: Question, posts: Sequence[dict[str, Any]], marked: bool = True) -> Asking:
    """A row for each of some posts of (Q, F, T, E).

    Args:
        marked: Whether they say where query and subject are in the sentence, which takes as long as choosing it.
    """
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
    return [
        _row(post, sentence) | ({"spans": _marks(sentence, parsed, subject)} if marked else {})
        for post, sentence in zip(posts, chosen, strict=True)
    ]


def _alike(question: Question, posts: Sequence[dict[str, Any]]) -> Asking:
    """How many posts of (Q, F, T, E) have the words of each post's title, of its text where it has none; 1 or more."""
    keys = [alike_key(Post("", post["text"], post["title"])) for post in posts]
    query, asked = matching(question.state, question.subject), [*dict.fromkeys(filter(None, keys))]
    replies = (
        (yield [counting(both(query, {"bool": {"filter": [term("alike", key)]}})) for key in asked]) if asked else []
    )
    number = dict(zip(asked, map(total, replies), strict=True))
    return [number.get(key, 1) for key in keys]


def _row(post: dict[str, Any], sentence: str) -> dict[str, Any]:
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
        "image": picture_address(post["image"]),
    }


def _marks(sentence: str, query: ParsedQuery, subject: str | None) -> list[dict[str, Any]]:
    marks = [("query", span) for span in query_spans(sentence, query)]
    marks += (("subject", span) for span in subject_spans(sentence, subject))
    ordered_marks = sorted(marks, key=lambda marked: marked[1])
    return [{"start": start, "end": end, "mark": mark} for mark, (start, end) in ordered_marks]


def best(text: str, query: ParsedQuery, subject: str | None) -> list[str]:
    """The sentences of a text that have most of query and subject, in their order: one or more, and at most 20."""
    spans = sentences(text)
    if len(spans) < 2:
        return [text[slice(*spans[0])] if spans else text]
    found = [text[slice(*span)] for span in spans]
    ranks = [_rank(sentence, query, subject) for sentence in found]
    return [sentence for sentence, rank in zip(found, ranks, strict=True) if rank == max(ranks)][:_MOST]


def first_best(text: str, query: ParsedQuery, subject: str | None) -> str:
    """The first of `best`, for which a long text is not read to its end."""
    spans = each_sentence(text)
    first, second = next(spans, (0, len(text))), next(spans, None)
    found = text[slice(*first)]
    if second is None:
        return found
    most, possible = 0, any(not leaf.excluded for leaf in query.leaves) + (subject is not None)
    for span in chain((first, second), spans):
        if most == possible:
            break
        sentence = text[slice(*span)]
        if (rank := _rank(sentence, query, subject)) > most:
            most, found = rank, sentence
    return found


def _rank(sentence: str, query: ParsedQuery, subject: str | None) -> int:
    """How many of query and subject a sentence has."""
    return has_query(sentence, query) + bool(subject_spans(sentence, subject))


def _weights(question: Question, texts: Iterable[str], emotion: str) -> Asking:
    """The weights of the words of some texts; those that are not known yet are asked for, in one round."""
    kept, posts = question.index.word_weights, question.index.facts.posts
    known = kept.get(emotion, {})
    weights = {stem: known.get(stem) for text in texts for stem in stems(text)}
    unknown = [stem for stem, weight in weights.items() if weight is None]
    if not unknown:
        return weights
    counted = {stem: numbers for stem in unknown if (numbers := question.index.stem_counts.of(stem, emotion))}
    asked = [stem for stem in unknown if stem not in counted]
    with_emotion = term("emotion", emotion)
    words = [term("words", stem) for stem in asked]
    requests = [counting({"bool": {"filter": [with_emotion]}})]
    requests += [counting({"bool": {"filter": [word]}}) for word in words]
    requests += [counting({"bool": {"filter": [word, with_emotion]}}) for word in words]
    felt_posts, *totals = map(total, (yield requests))
    counted |= zip(asked, zip(totals[: len(words)], totals[len(words) :], strict=True), strict=True)
    share = felt_posts / posts
    learnt = {
        stem: math.log((felt + _PRIOR * share) / ((having + _PRIOR) * share))
        for stem, (having, felt) in counted.items()
    }
    if sum(map(len, [*kept.values()])) + len(learnt) > _KEPT:
        kept.clear()
    kept.setdefault(emotion, {}).update(learnt)
    return weights | learnt
