"""The map: where the posts of (Q, F, T, E) are, by how alike they are; the part that was chosen is drawn over it.

Of more than 20,000 posts as many are drawn by lot, those of a state among those of any wider one.
"""

from collections.abc import Mapping
from typing import Any

from feelscope.explore.search.document import felt_as
from feelscope.explore.search.engine import total
from feelscope.explore.search.request import counting, listing, matching, on_map
from feelscope.explore.search.rounds import Asking
from feelscope.explore.views.question import Question

DRAWN = 20_000
FIELDS = ("chance", "x", "y", "felt")


def posts_map(question: Question) -> Asking:
    """Places of posts: as columns, as there are many; `key` is what `spot` knows a post by."""
    index, state, subject = question.index, question.state, question.subject
    if not index.facts.mapped:
        return {"missing": index.no_map}
    query = matching(state, subject, in_area=False)
    placed = on_map(query)
    everything, listed = yield [
        counting(query),
        listing(placed, first=0, size=DRAWN, by="chance", fields=FIELDS),
    ]
    keys, across, up, felt = (column(listed, field) for field in FIELDS)
    emotions = index.facts.emotions
    numbers = {felt_as(emotion): place for place, emotion in enumerate(emotions)}
    return {
        "total": total(everything),
        "placed": total(listed),
        "emotions": list(emotions),
        "points": {
            "key": keys,
            "x": across,
            "y": up,
            "emotion": [numbers.get(one, -1) for one in felt],
        },
    }


def column(reply: Mapping[str, Any], field: str) -> list[int]:
    """A field of the posts that were listed by their fields."""
    return [hit["fields"][field][0] for hit in reply["hits"]["hits"]]
