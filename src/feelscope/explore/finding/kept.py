"""What somebody kept while exploring: questions and sentences, each with a note, as the page sends them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feelscope.errors import ExploreError

MOST_KEPT = 100  # things in one file
LONGEST_NOTE = 2_000  # letters
_LONGEST_TITLE = 200
_LONGEST_ADDRESS = 10_000
LONGEST_SENT = 4_000_000  # bytes of all of it: as many notes, addresses and sentences as there may be
_LONGEST_SENTENCE = 10_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A question, or a sentence that was found by it.

    Args:
        question: As an address writes it: `query=storm&emotion=fear`.
        post: The id of the sentence's post; None for a question.
        sentence: As the page showed it; it is looked for in the post.
    """

    question: str
    note: str = ""
    post: str | None = None
    sentence: str = ""


def read_kept(given: Any) -> tuple[str, list[Kept]]:
    """A title, which may be empty, and what was kept.

    Raises:
        ExploreError: It has another form, or too much of something.
    """
    if not isinstance(given, Mapping) or not isinstance(given.get("kept"), list):
        raise ExploreError("a finding: expected an object with title and kept")
    if not 0 < len(given["kept"]) <= MOST_KEPT:
        raise ExploreError(f"a finding has 1 to {MOST_KEPT} things, and this one {len(given['kept']):,}")
    return _text(given, "title", _LONGEST_TITLE), [_one(row) for row in given["kept"]]


def _one(row: Any) -> Kept:
    if not isinstance(row, Mapping):
        raise ExploreError("a finding: expected an object for each thing that is kept")
    post = _text(row, "post", _LONGEST_ADDRESS)
    question, note = _text(row, "question", _LONGEST_ADDRESS), _text(row, "note", LONGEST_NOTE)
    return Kept(question, note, post or None, _text(row, "sentence", _LONGEST_SENTENCE))


def _text(row: Mapping[str, Any], name: str, most: int) -> str:
    text = row.get(name) or ""
    if not isinstance(text, str):
        raise ExploreError(f"a finding: expected text as its {name}")
    if len(text) > most:
        raise ExploreError(f"a finding: its {name} has {len(text):,} letters, and {most:,} are the most; shorten it")
    return text.strip()
