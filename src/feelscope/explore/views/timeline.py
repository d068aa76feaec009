"""Posts over time: in the time that is chosen, with the emotions among them, and over the whole archive."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from feelscope.explore.index.everything import Bin
from feelscope.explore.search.bins import LEAST_POSTS, auto_unit, bins, bins_request, counts_by_bin, emotions_by_bin
from feelscope.explore.search.request import Request, matching
from feelscope.explore.search.rounds import Asking
from feelscope.explore.search.state import State
from feelscope.explore.views.question import Question

Row = dict[str, Any]


def timeline(question: Question) -> Asking:
    """The bins of (Q, F, E) in the time that is drawn, see `Question.drawn`; those that no post is in are left out."""
    drawn, unit = question.drawn, question.unit
    whatever = bins_request(matching(drawn, question.subject, of_emotion=False), unit, emotions=True)
    of_bins, reply = yield from _counted(question, question.bins(), drawn, unit, whatever)
    posts_by_bin, felt = counts_by_bin(reply, unit), emotions_by_bin(reply, unit)
    names = question.index.facts.emotions
    for row, (_, _, key) in zip(of_bins, question.bins(), strict=True):
        posts, emotions = posts_by_bin[key], felt.get(key, Counter())
        row["emotions"] = {name: emotions[name] for name in names}
        row["shares"] = {name: emotions[name] / posts for name in names} if posts >= LEAST_POSTS else None
    return {"unit": unit, "bins": of_bins}


def context(question: Question) -> Asking:
    """The bins of (Q, F, E) over the whole archive, whatever T is, by a unit that fits it."""
    facts, whole = question.index.facts, replace(question.state, start=None, end=None)
    unit = auto_unit(facts.start, facts.end)
    all_bins = bins(facts, unit)
    posts = question.index.everything[0].by_bin(all_bins)[:, -1].tolist()
    filled = [one for one, number in zip(all_bins, posts, strict=True) if number]
    rows, _ = yield from _counted(question, filled, whole, unit)
    return {"unit": unit, "bins": rows}


def _counted(
    question: Question, of_bins: Sequence[Bin], within: State, unit: str, further: Request | None = None
) -> Asking:
    """A row for each bin: posts of the archive, of Q, of Q and F, and of the other words that are compared.

    Args:
        further: Asked in the same round.

    Returns:
        The rows, and the reply to `further`.
    """
    index, subject, against = question.index, question.subject, question.against
    requests = [bins_request(matching(within), unit)]
    if subject is not None:
        requests.append(bins_request(matching(within, subject), unit))
    has_other = against is not None and not against.by_time
    if against is not None and has_other:
        requests += (bins_request(query, unit) for query in against.queries(within=within))
    *answers, last = yield [*requests, further or requests[0]]
    replies = [counts_by_bin(reply, unit) for reply in answers]
    of_query = replies.pop(0)
    of_subject = None if subject is None else replies.pop(0)
    other = replies[0] - replies[1] if len(replies) > 1 else replies[0] if replies else None
    archive = index.everything[0].by_bin(of_bins)[:, -1].tolist()
    rows: list[Row] = [
        {
            "from": start,
            "to": end,
            "archive": posts,
            "query": of_query[key],
            "subject": None if of_subject is None else of_subject[key],
        }
        | ({} if other is None else {"other": other[key]})
        for (start, end, key), posts in zip(of_bins, archive, strict=True)
    ]
    return rows, last
