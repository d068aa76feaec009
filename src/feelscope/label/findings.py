"""What a report is made of: numbers with their intervals, and the lines that say them to people."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from feelscope.metrics.intervals import Interval, with_interval


@dataclass(frozen=True, slots=True)
class Finding:
    """One number of a report, a row of its CSV.

    Args:
        measure: What was measured.
        of, against: Who, and beside whom or what; empty for nobody.
        value, ends: The number and its 95% interval, None where it has none.
        posts: On how many.
        condition: What people were shown, where there is more than one way.
    """

    measure: str
    of: str
    against: str
    value: float | None
    posts: int
    ends: Interval | None = None
    condition: str = ""

    @property
    def shown(self) -> str:
        """The number and its interval, as people read them."""
        return with_interval(self.value, self.ends, " to ")

    def row(self) -> dict[str, object]:
        """Everything as plain values."""
        low, high = self.ends or (None, None)
        names = {"measure": self.measure, "of": self.of, "against": self.against, "condition": self.condition}
        return {**names, "value": self.value, "low": low, "high": high, "posts": self.posts}


@dataclass(slots=True)
class Findings:
    """Numbers, and the lines that say them."""

    lines: list[str] = field(default_factory=list)
    numbers: list[Finding] = field(default_factory=list)

    def say(self, line: str, *numbers: Finding) -> None:
        """Add a line and the numbers it says."""
        self.lines.append(line)
        self.numbers += numbers

    def extend(self, others: "Findings") -> None:
        """Add what was found elsewhere."""
        self.lines += others.lines
        self.numbers += others.numbers


def rows(numbers: Sequence[Finding]) -> list[dict[str, object]]:
    """The rows of a report."""
    return [one.row() for one in numbers]
