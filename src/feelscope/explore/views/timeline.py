"""The timeline: posts by day, month or year over the whole archive, and the emotions among them."""

from collections import Counter

from feelscope.explore.search.bins import LEAST_POSTS, bins, bins_request, counts_by_bin, emotions_by_bin
from feelscope.explore.search.request import matching
from feelscope.explore.search.rounds import Asking
from feelscope.explore.views.question import Question


def timeline(question: Question) -> Asking:
    """The bins of (Q, F, E), whatever T is."""
    state, subject, unit, facts = question.state, question.subject, question.unit, question.index.facts
    of_all = question.index.posts_by_bin
    query = matching(state, subject, within_span=False, of_emotion=False)
    requests = [bins_request(query, unit, emotions=True)]
    if subject is not None:
        requests.append(bins_request(matching(state, within_span=False), unit))
    if unit not in of_all:
        requests.append(bins_request({"match_all": {}}, unit))
    replies = yield requests
    if unit not in of_all:
        of_all[unit] = counts_by_bin(replies[-1], unit)
    felt = emotions_by_bin(replies[0], unit)
    of_state = whatever_emotion = counts_by_bin(replies[0], unit)
    if state.emotion is not None:
        of_state = Counter({key: emotions[state.emotion] for key, emotions in felt.items()})
    of_query = of_state if subject is None else counts_by_bin(replies[1], unit)
    rows = []
    for start, end, key in bins(facts, unit):
        posts, emotions = whatever_emotion[key], felt.get(key, Counter())
        shares = {name: emotions[name] / posts for name in facts.emotions} if posts >= LEAST_POSTS else None
        rows.append(
            {
                "from": start,
                "to": end,
                "archive": of_all[unit][key],
                "query": of_query[key],
                "subject": None if subject is None else of_state[key],
                "emotions": {name: emotions[name] for name in facts.emotions},
                "shares": shares,
            }
        )
    return {"unit": unit, "bins": rows}
