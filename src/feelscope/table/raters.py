"""Several raters a post: a table with a row for each rater, which is a post for each id.

id  text            emotion            id  text            emotion  raters  agreement
7   Rain at last    joy           ->   7   Rain at last    joy      3       0.67
7   Rain at last    happiness
7   Rain at last    sadness
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from feelscope.table.growing import is_unicode
from feelscope.table.quarantine import BadRow
from feelscope.table.seen_ids import SeenIds
from feelscope.text.counts import counted

RATERS, AGREEMENT = "raters", "agreement"  # columns that a post of several raters has
TIE = "raters tie, no emotion has most of them"
Same = Callable[[str], str]  # of a label, what it has in common with those that mean the same


@dataclass(slots=True)
class Votes:
    """What the raters of one post say.

    Args:
        words: A digest of the post's words, which all of its rows have.
    """

    words: bytes
    rows: int = 0
    names: dict[str, Counter[str]] = field(default_factory=dict)  # as they are spelled, by what is the same

    def add(self, label: str, same: Same) -> None:
        """Count a rater's row; one without a label is no vote."""
        self.rows += 1
        if label:
            self.names.setdefault(same(label), Counter())[label] += 1

    def verdict(self) -> tuple[str, int, float]:
        """The label with most votes, the number of raters, and the share of them that agree.

        Raises:
            BadRow: Two labels have as many.
        """
        counts = sorted((names.total(), min(names, key=lambda n: (-names[n], n))) for names in self.names.values())
        if not counts:
            return "", 0, 0.0
        most, label = counts[-1]
        if len(counts) > 1 and counts[-2][0] == most:
            raise BadRow(TIE, ", ".join(f"{name} {count}" for count, name in reversed(counts)), broken=False)
        raters = sum(count for count, _ in counts)
        return label, raters, round(most / raters, 4)


class Raters:
    """The posts of a table that several raters labelled.

    Args:
        rows: Of the table; gone through twice where an id comes twice, and once where none does.
        columns: Standard name to the table's name, with `id`.
        label: Gives the label of a row; empty for none.
        keep_ties: Whether a post whose raters tie stays, without a label.
        takes: Whether the label of most raters is asked for; otherwise a post is its first row.
        same: What labels that mean the same have in common.
    """

    def __init__(
        self,
        rows: Iterable[Mapping[str, object] | BadRow],
        columns: Mapping[str, str],
        label: Callable[[Mapping[str, object]], str],
        same: Same,
        *,
        keep_ties: bool = False,
        takes: bool = True,
    ) -> None:
        self._columns, self._keeps_ties, self._takes = columns, keep_ties, takes
        self._shown = [columns[name] for name in ("text", "title", "image") if name in columns]
        self._votes: dict[str, Votes] = {}
        self._given: set[str] = set()
        self.further = 0  # rows of the pass that were another rater's
        with SeenIds() as seen:
            twice = {id for row in rows if (id := self._id(row)) and not seen.add(id)}
        if not twice:
            return
        for row in rows:
            id = self._id(row)
            if id in twice and not isinstance(row, BadRow):
                votes = self._votes.setdefault(id, Votes(self._words(row)))
                if votes.words == self._words(row):
                    votes.add(label(row), same)
        self._votes = {id: votes for id, votes in self._votes.items() if votes.rows > 1}

    def begin(self) -> None:
        """Begin a pass over the rows."""
        self._given.clear()
        self.further = 0

    def merged(self, row: Mapping[str, object]) -> tuple[Mapping[str, object], str | None] | None:
        """A row with what all raters say of its post, and their label; None where the post was given before.

        The label is None where the post has one row.

        Raises:
            BadRow: The raters tie.
        """
        votes = self._votes_on(row)
        if votes is None:
            return row, None
        id = self._id(row)
        if id in self._given:
            self.further += 1
            return None
        self._given.add(id)
        try:
            label, raters, agreement = votes.verdict()
        except BadRow as tie:
            if self._keeps_ties:
                return row, ""
            tie.id = id
            raise
        return {**row, RATERS: raters, AGREEMENT: agreement}, label

    def is_further(self, row: Mapping[str, object]) -> bool:
        """Whether a row whose id came before is another rater's; such rows are counted."""
        found = self._votes_on(row) is not None
        self.further += found
        return found

    def __str__(self) -> str:
        """What to say; empty where each post has one row."""
        if not self._votes:
            return ""
        rows = sum(votes.rows for votes in self._votes.values())
        what = "the emotion of most of them is taken" if self._takes else "each is one post"
        return f"{counted(len(self._votes), 'post')} of several raters ({rows:,} rows): {what}"

    def _votes_on(self, row: Mapping[str, object]) -> Votes | None:
        """What the raters of a row's post say; None where it has one row, or other words."""
        votes = self._votes.get(self._id(row)) if self._votes else None
        return votes if votes is not None and votes.words == self._words(row) else None

    def _id(self, row: Mapping[str, object] | BadRow) -> str:
        id = "" if isinstance(row, BadRow) else _text(row.get(self._columns["id"]))
        return id if id.isascii() or is_unicode(id) else ""

    def _words(self, row: Mapping[str, object]) -> bytes:
        shown: Sequence[object] = [row.get(name) for name in self._shown]
        return blake2b(repr(shown).encode(errors="replace"), digest_size=12).digest()


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()
