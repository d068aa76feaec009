"""What an archive is, and questions of its own: where its emotions or its subjects changed most sharply.

Up to two of the five are of the emotions of all posts, by month: changes of their mix, and short events. Up to two are
of months in which a subject was far more frequent than otherwise, by Dunning's G2 of its posts among all posts; the
others of subjects that an emotion is clearly more frequent with, by the same measure. Subjects of two words or more go
before single words. What is left over is filled with other subjects, those first whose emotions are least like the
archive's. All is found once, when first asked.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from feelscope.explore.search.bins import bins, bins_request, counts_by_bin, emotions_by_bin
from feelscope.explore.search.document import facet_field
from feelscope.explore.search.engine import Reply, counts
from feelscope.explore.search.request import counting, term
from feelscope.explore.search.rounds import Asking
from feelscope.explore.trend.trend import Trend
from feelscope.explore.views.question import Question
from feelscope.text.stems import stems

Json = dict[str, Any]
QUESTIONS = 5
_OF_A_KIND = 2  # of the questions, at most
_SUBJECTS = 150  # of two words or more that are looked at, and of single words as many; the most frequent ones
_LEAST = 10  # posts of a month in which a subject is frequent
_LEAST_FELT = 20  # posts of a subject that an emotion is frequent with
_TIMES = 3  # more frequent than in all other months
_CLEAR = 25.0  # of G2: beyond chance, whichever of the subjects and months is looked at
_CLEAR_FELT = 17.0  # the same of subjects and emotions
_MANY = 1_000  # sources that are counted


def opening(question: Question) -> Asking:
    """The archive's emotions and sources, and up to five questions, each with the state that it is about."""
    index, kept = question.index, question.index.opening
    if not kept:
        facts, everything = index.facts, index.everything[0]
        numbers = _subjects(question)
        asked = ({"bool": {"filter": [term("subject", number)]}} for number in numbers)
        requests = [bins_request(query, "month", emotions=True) for query in asked]
        if "source" in facts.facets:
            values = {"terms": {"field": facet_field("source"), "size": _MANY}}
            requests.append(counting({"match_all": {}}, values=values))
        replies = yield requests
        sources = counts(replies[-1], "values") if "source" in facts.facets else {}
        texts = [index.vocabulary.text(number) for number in numbers]
        questions: list[Json] = []
        if facts.start is not None and facts.end is not None:
            months = bins(facts, "month")
            table = everything.by_bin(months)  # (T, K + 1)
            spans = [(start, end) for start, end, _ in months]
            if table[:, :-1].sum():
                questions += _of_emotions(Trend("month", spans, facts.emotions, table[:, :-1]))[:_OF_A_KIND]
            subjects = list(zip(texts, replies[: len(texts)], strict=True))
            by_month = [(text, counts_by_bin(reply, "month")) for text, reply in subjects]
            questions += _bursts(by_month, [key for _, _, key in months], spans, table[:, -1])[:_OF_A_KIND]
            felt = [(text, _felt(reply, facts.emotions)) for text, reply in subjects]
            questions += _feelings(felt, facts.emotions, table[:, :-1].sum(axis=0), questions)
        questions += _frequent(question, numbers, questions)
        emotions = dict(zip(facts.emotions, everything.whole.tolist(), strict=False))
        most = sorted(sources, key=lambda name: (-sources[name], name))
        found = {"sources": len(sources) if len(sources) < _MANY else None, "most_from": most[:3], "emotions": emotions}
        kept.append({**found, "questions": questions[:QUESTIONS]})
    return kept[0]


def _subjects(question: Question) -> list[int]:
    """The most frequent subjects of two words or more and hashtags, then the most frequent ones of all others."""
    vocabulary = question.index.vocabulary
    chosen: tuple[list[int], list[int]] = ([], [])
    for number in np.argsort(-vocabulary.posts, kind="stable").tolist():
        side = chosen[not _tells(vocabulary.text(number))]
        if len(side) < _SUBJECTS:
            side.append(number)
    return [*chosen[0], *chosen[1]]


def _tells(subject: str) -> bool:
    """Whether a subject says by itself what it is about."""
    return " " in subject or subject.startswith("#")


def _felt(reply: Reply, emotions: tuple[str, ...]) -> np.ndarray:
    """Posts of a subject by emotion, (K,)."""
    posts = sum(emotions_by_bin(reply, "month").values(), Counter[str]())
    return np.array([posts[name] for name in emotions], float)


def _of_emotions(trend: Trend) -> list[Json]:
    """Changes and short events of single emotions, the largest difference first; of an emotion the first alone."""
    found = []
    for change in trend.changes():
        for row in change["emotions"]:
            if row["low"] > 0 or row["high"] < 0:
                shares = {"before": row["before"], "after": row["after"]}
                found.append({"kind": "change", "emotion": row["emotion"], "from": change["at"], "to": None} | shares)
    for event in trend.events():
        shares = {"before": event["around"], "after": event["share"]}
        found.append({"kind": "event", **{name: event[name] for name in ("emotion", "from", "to")}, **shares})
    found.sort(key=lambda one: (one["emotion"] == "neutral", -abs(one["after"] - one["before"]), one["from"]))
    seen: dict[str, Json] = {}
    for one in found:
        seen.setdefault(one["emotion"], one)
    return list(seen.values())


def _bursts(
    by_month: list[tuple[str, Counter[str]]], keys: list[str], spans: list[tuple[str, str]], archive: np.ndarray
) -> list[Json]:
    """The months in which a subject was far more frequent than otherwise, the clearest first.

    Args:
        archive: Posts of each month, (T,).
    """
    found = []
    for text, posts in by_month:
        own = np.array([posts[key] for key in keys], float)  # (T,)
        others, rest = own.sum() - own, archive.sum() - archive
        g2 = _g2(own, archive.astype(float), others, rest.astype(float))
        with np.errstate(divide="ignore", invalid="ignore"):
            times = (own / archive) / (others / rest)
        g2[~((own >= _LEAST) & (times >= _TIMES))] = 0.0
        t = int(g2.argmax())
        if g2[t] >= _CLEAR:
            ratio = float(times[t]) if np.isfinite(times[t]) else None
            span = {"from": spans[t][0], "to": spans[t][1]}
            found.append((g2[t], {"kind": "subject", "subject": text, **span, "posts": int(own[t]), "times": ratio}))
    return _clearest(found)


def _feelings(
    felt: list[tuple[str, np.ndarray]], emotions: tuple[str, ...], archive: np.ndarray, before: list[Json]
) -> list[Json]:
    """The emotions that are clearly more frequent with a subject than with all other posts, an emotion once.

    After them come other subjects, those first whose emotions are least like those of all other posts.

    Args:
        archive: Posts by emotion, (K,).
        before: Questions whose subjects are left out.
    """
    clear, others = [], []
    for text, own in felt:
        posts, rest = own.sum(), archive.sum() - own.sum()
        if posts < _LEAST_FELT or not rest or not _tells(text):
            continue
        g2 = _g2(own, np.full_like(own, posts), archive - own, np.full_like(own, rest))
        g2[(own * rest <= (archive - own) * posts) | (np.array(emotions) == "neutral")] = 0.0
        k = int(g2.argmax())
        if g2[k] >= _CLEAR_FELT:
            shares = {"before": float((archive - own)[k] / rest), "after": float(own[k] / posts)}
            clear.append((g2[k], {"kind": "feeling", "subject": text, "emotion": emotions[k], **shares}))
        else:
            others.append((g2[k], {"kind": "frequent", "subject": text, "posts": int(posts)}))
    seen: dict[str, Json] = {}
    for row in _clearest(clear, before):
        seen.setdefault(row["emotion"], row)
    return [*seen.values(), *_clearest(others, [*before, *seen.values()])]


def _clearest(found: list[tuple[float, Json]], before: Sequence[Json] = ()) -> list[Json]:
    """Rows by their figure, those of telling subjects first."""
    found.sort(key=lambda pair: (not _tells(pair[1]["subject"]), -pair[0], pair[1]["subject"]))
    return list(_unlike((row for _, row in found), before))


def _g2(own: np.ndarray, posts: np.ndarray, others: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Dunning's log-likelihood ratio of the two shares own / posts and others / rest."""
    cells = ((own, posts), (posts - own, posts), (others, rest), (rest - others, rest))
    rows = (own + others, posts + rest - own - others) * 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [
            np.nan_to_num(cell * np.log(cell * (posts + rest) / (row * size)))
            for (cell, size), row in zip(cells, rows, strict=True)
        ]
    return 2 * np.asarray(sum(parts))


def _unlike(rows: Iterable[Json], before: Sequence[Json]) -> Iterator[Json]:
    """Rows that share no word of their subjects with one before them."""
    seen = {word for one in before for word in stems(one.get("subject", ""))}
    for row in rows:
        words = set(stems(row["subject"])) or {row["subject"]}
        if seen.isdisjoint(words):
            yield row
        seen |= words


def _frequent(question: Question, numbers: list[int], before: list[Json]) -> list[Json]:
    """The most frequent subjects that are in no question yet."""
    vocabulary = question.index.vocabulary
    rows = ({"kind": "frequent", "subject": vocabulary.text(n), "posts": int(vocabulary.posts[n])} for n in numbers)
    return list(islice(_unlike(rows, before), QUESTIONS))
