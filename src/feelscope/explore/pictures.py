"""The pictures of the matching posts, by emotion, those first whose emotion is surest."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from feelscope.explore.document import probability_field
from feelscope.explore.engine import total
from feelscope.explore.request import counting, listing, matching
from feelscope.explore.rounds import Asking
from feelscope.explore.sentence_choice import address
from feelscope.explore.state import State

if TYPE_CHECKING:
    from feelscope.explore.archive import Archive

PICTURES = 12  # of each emotion


def pictures(archive: "Archive", state: State, subject: int | None) -> Asking:
    """How many posts of (Q, F, T, E) have a picture, and some of each emotion.

    Args:
        state: Settled.
        subject: F's number.
    """
    if not archive.facts.pictures:
        return {"total": 0, "rows": {}}
    emotions = archive.facts.emotions if state.emotion is None else (state.emotion,)
    requests = [counting(matching(state, subject, pictured=True))]
    for emotion in emotions:
        query = matching(replace(state, emotion=emotion), subject, pictured=True)
        if emotion in archive.probabilities:
            by = probability_field(emotion)
            requests.append(listing(query, first=0, size=PICTURES, by=by, descending=True))
        else:
            requests.append(listing(query, first=0, size=PICTURES))
    everything, *replies = yield requests
    rows = {
        emotion: [_row(hit["_source"]) for hit in reply["hits"]["hits"]]
        for emotion, reply in zip(emotions, replies, strict=True)
        if reply["hits"]["hits"]
    }
    return {"total": total(everything), "rows": rows}


def _row(post: dict[str, Any]) -> dict[str, Any]:
    text = post["title"].strip() or post["text"].strip()
    return {"id": post["id"], "image": address(post["image"]), "text": text}
