"""Why a post has its emotion: the words without which the model would be least sure of it.

Each word is left out once and the rest is read again. Only words are looked at, as an index has no pictures to read; a
post whose words alone say another emotion than it has gets no answer.
"""

from typing import TYPE_CHECKING, Any

from feelscope.errors import ModelError
from feelscope.explore.stems import stem_places
from feelscope.post import Post

if TYPE_CHECKING:
    from feelscope.explore.archive import Archive

MOST_WORDS = 40  # that are left out in turn, the first ones; each costs a reading of the post
SHOWN = 5
LEAST = 0.02  # of probability that a word must be worth


def why(archive: "Archive", title: str, text: str, emotion: str) -> list[dict[str, Any]]:
    """Spans of the words that matter most, in their order; they count in title, line break and text."""
    try:
        classifier = archive.classifier()
    except ModelError:  # a run that is not there any more
        return []
    whole = "\n".join(part for part in (title, text) if part)
    split = len(title) + 1 if title and text else 0 if text else len(whole) + 1  # where the text begins
    spans = list(dict.fromkeys((start, end) for _, start, end in stem_places(whole)))[:MOST_WORDS]

    def without(start: int, end: int) -> Post:
        if start < split:
            return Post("", text, title[:start] + title[end:])
        return Post("", text[: start - split] + text[end - split :], title)

    first, *others = classifier.predict([Post("", text, title), *(without(*span) for span in spans)])
    if first.emotion != emotion:
        return []
    drops = [first.probabilities[emotion] - other.probabilities.get(emotion, 0.0) for other in others]
    best = sorted(range(len(spans)), key=lambda at: -drops[at])[:SHOWN]
    return [{"start": spans[at][0], "end": spans[at][1], "mark": "why"} for at in sorted(best) if drops[at] >= LEAST]
