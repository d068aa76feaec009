"""The pictures of the matching posts, by emotion, those first whose emotion is surest."""

from dataclasses import replace

from feelscope.explore.search.document import probability_field
from feelscope.explore.search.engine import total
from feelscope.explore.search.request import counting, listing, matching
from feelscope.explore.search.rounds import Asking
from feelscope.explore.views.post import picture_address
from feelscope.explore.views.question import Question

PICTURES = 12  # of each emotion


def pictures(question: Question) -> Asking:
    """How many posts of (Q, F, T, E) have a picture, and some of each emotion."""
    index, state, subject = question.index, question.state, question.subject
    if not index.facts.pictures:
        return {"total": 0, "rows": {}}
    emotions = index.facts.emotions if state.emotion is None else (state.emotion,)
    requests = [counting(matching(state, subject, pictured=True))]
    for emotion in emotions:
        query = matching(replace(state, emotion=emotion), subject, pictured=True)
        known = emotion in index.probabilities
        by = probability_field(emotion) if known else "order"
        requests.append(listing(query, first=0, size=PICTURES, by=by, descending=known))
    everything, *replies = yield requests
    rows = {
        emotion: [
            {
                "id": post["id"],
                "image": picture_address(post["image"]),
                "text": post["title"].strip() or post["text"].strip(),
            }
            for post in (hit["_source"] for hit in reply["hits"]["hits"])
        ]
        for emotion, reply in zip(emotions, replies, strict=True)
        if reply["hits"]["hits"]
    }
    return {"total": total(everything), "rows": rows}
