"""The values of each facet among the matching posts: of source, author, tags and further columns."""

from feelscope.explore.search.document import facet_field
from feelscope.explore.search.engine import counts, total
from feelscope.explore.search.request import by_emotion, counting, matching
from feelscope.explore.search.rounds import Asking
from feelscope.explore.search.state import facet_key
from feelscope.explore.views.question import Question

SHOWN = 20  # values of a facet, the most frequent ones
_FIRST_LOOK = 1_000  # that are asked for, among which they are


def facets_view(question: Question) -> Asking:
    """For each facet its most frequent values within (Q, F, T, E), and the emotions of their posts.

    The value that a facet is asked for does not count for the facet itself: what else there is stays to be seen. Which
    values are the most frequent can be off where there are over 1,000; the numbers shown are counted for each value.
    """
    state, subject, facts = question.state, question.subject, question.index.facts
    if not facts.facets:
        return []
    names, chosen = facts.facets, dict(state.facets)
    requests = [
        counting(
            matching(state, subject, but_facet=name),
            values={"terms": {"field": facet_field(name), "size": _FIRST_LOOK}},
        )
        for name in names
    ]
    replies = yield requests
    found = {name: counts(reply, "values") for name, reply in zip(names, replies, strict=True)}
    shown = {}
    for name, posts in found.items():
        values = sorted(posts, key=lambda value: (-posts[value], value))[:SHOWN]
        if name in chosen and chosen[name] not in values:
            values.append(chosen[name])
        shown[name] = values
    felt = yield [
        counting(matching(state.with_facet(name, value), subject, of_emotion=False), emotions=by_emotion())
        for name, values in shown.items()
        for value in values
    ]
    left = iter(felt)
    answer = []
    for name, values in shown.items():
        rows = []
        for value, reply in zip(values, left, strict=False):
            emotions = counts(reply, "emotions")
            rows.append(
                {
                    "value": value,
                    "posts": total(reply) if state.emotion is None else emotions.get(state.emotion, 0),
                    "emotions": {emotion: emotions.get(emotion, 0) for emotion in facts.emotions},
                }
            )
        rows.sort(key=lambda row: (-row["posts"], row["value"]))
        more = len(found[name]) - len(rows) if len(found[name]) < _FIRST_LOOK else None
        answer.append({"facet": name, "key": facet_key(name), "values": rows, "more": more})
    return answer
