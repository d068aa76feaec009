"""The map: where the posts of (Q, F, T, E) are, by how alike they are; the part that was chosen is drawn over it.

Of more than 20,000 posts as many are drawn by lot, those of a state among those of any wider one.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from feelscope.explore.search.document import felt_as
from feelscope.explore.search.engine import total
from feelscope.explore.search.request import counting, listing, matching, on_map
from feelscope.explore.search.rounds import Asking
from feelscope.explore.views.question import Question
from feelscope.explore.views.regions import regions

DRAWN = 20_000
_FIELDS = ("chance", "x", "y", "felt")


def posts_map(question: Question) -> Asking:
    """Places of posts: as columns, as there are many; `key` is what `spot` knows a post by."""
    index, state, subject = question.index, question.state, question.subject
    if not index.facts.mapped:
        return {"missing": index.no_map}
    query = matching(state, subject, in_area=False)
    placed = on_map(query)
    everything, listed = yield [
        counting(query),
        listing(placed, first=0, size=DRAWN, by="chance", fields=_FIELDS),
    ]
    of_all = listed
    if total(everything) != index.facts.posts and not index.regions:
        (of_all,) = yield [listing(on_map({"match_all": {}}), first=0, size=DRAWN, by="chance", fields=_FIELDS)]
    places = np.array([_column(of_all, field) for field in ("x", "y")], np.int64).T
    parts = yield from regions(index, places)
    keys, across, up, felt = (_column(listed, field) for field in _FIELDS)
    emotions = index.facts.emotions
    numbers = {felt_as(emotion): place for place, emotion in enumerate(emotions)}
    return {
        "total": total(everything),
        "placed": total(listed),
        "emotions": list(emotions),
        "regions": parts,
        "points": {
            "key": keys,
            "x": across,
            "y": up,
            "emotion": [numbers.get(one, -1) for one in felt],
        },
    }


def _column(reply: Mapping[str, Any], field: str) -> list[int]:
    return [hit["fields"][field][0] for hit in reply["hits"]["hits"]]
