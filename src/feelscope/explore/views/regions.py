"""What is where on the map: sixteen parts of as many posts each, and the subject that most marks each of them.

They are of all posts, whatever is asked, and found once.
"""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from feelscope.explore.search.area import SIDE, Area
from feelscope.explore.search.engine import counts, total, value
from feelscope.explore.search.request import by_emotion, counting, listing, matching, on_map
from feelscope.explore.search.rounds import Asking
from feelscope.explore.search.state import State
from feelscope.explore.views.posts_map import DRAWN, column
from feelscope.explore.views.question import Question
from feelscope.explore.views.ranking import LEAST, best, merged_rows

_HALVED = 4  # times that the map is
_FEWEST = 50  # posts of a part
_MOST = 8_000  # subjects of a part that are looked at, the most frequent ones
_LOOKED_AT = 30  # of the best
_SIGNS = re.compile(r"[!-/:-@\[-`{-~ ]+")  # that a tagger took for a noun


def regions(question: Question) -> Asking:
    """Parts of the map with their subjects; none where there is no map."""
    index = question.index
    if not index.facts.mapped:
        return []
    if not index.regions:
        (drawn,) = yield [listing(on_map({"match_all": {}}), first=0, size=DRAWN, by="chance", fields=("x", "y"))]
        places = np.array([column(drawn, field) for field in ("x", "y")], np.int64).T
        parts = [*_parts(places, Area(0, 0, SIDE, SIDE), _HALVED)]
        frequent = {"terms": {"field": "subject", "size": _MOST, "min_doc_count": LEAST}}
        queries = [matching(State(area=area)) for area, _ in parts]
        requests = [counting(query, subjects=frequent) for query in queries]
        requests += (
            counting(query, emotions=by_emotion(), mentions={"value_count": {"field": "subject"}}) for query in queries
        )
        replies = yield requests
        vocabulary, posts = index.vocabulary, index.facts.posts
        found: list[dict[str, Any]] = []
        pairs = zip(replies[: len(parts)], replies[len(parts) :], strict=True)
        for (area, middle), (having, felt) in zip(parts, pairs, strict=True):
            numbers = {int(number): count for number, count in counts(having, "subjects").items()}
            mentions = value(felt, "mentions")
            scores = best(numbers, vocabulary, mentions, posts, _LOOKED_AT) if numbers else []
            rows = merged_rows(scores, numbers, vocabulary, []) if mentions < vocabulary.mentions else []
            texts = [vocabulary.text(row.number) for row in rows]
            by_name = counts(felt, "emotions")
            found.append(
                {
                    "area": str(area),
                    "x": middle[0],
                    "y": middle[1],
                    "posts": total(felt),
                    "emotions": {name: by_name.get(name, 0) for name in index.facts.emotions},
                    "subjects": [text for text in texts if not _SIGNS.fullmatch(text)][:3],
                }
            )
        index.regions.append(found)
    return index.regions[0]


def _parts(places: np.ndarray, area: Area, times: int) -> Iterator[tuple[Area, tuple[int, int]]]:
    """Halves of halves of an area by the posts in it, across its longer side, and the middle of the posts of each."""
    if len(places) < _FEWEST:
        return
    if not times or len(places) < 2 * _FEWEST:
        x, y = np.median(places, axis=0)
        yield area, (int(x), int(y))
        return
    spread = np.ptp(places, axis=0)
    axis = int(spread[1] > spread[0])
    cut = int(np.median(places[:, axis]))
    first, second = area._asdict(), area._asdict()
    first["right" if axis == 0 else "top"] = cut
    second["left" if axis == 0 else "bottom"] = cut
    is_below = places[:, axis] < cut
    if is_below.any() and not is_below.all():
        yield from _parts(places[is_below], Area(**first), times - 1)
        yield from _parts(places[~is_below], Area(**second), times - 1)
