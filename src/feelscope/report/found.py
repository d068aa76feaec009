"""What a report found, as plain values: for sentences, figures, the page and JSON alike."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Share:
    """The share of an emotion among some posts, with its 95% interval; None where too few posts tell.

    Args:
        posts: With it, or None where they were not counted by themselves.
    """

    emotion: str
    posts: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """The posts of one value of a column.

    Args:
        merged: How many values it is of; more than one for those of few posts, taken together.
    """

    name: str
    posts: int
    shares: tuple[Share, ...]
    merged: int = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """A share less another of the same emotion, in shares, not points.

    Args:
        low, high: The interval, which holds for all emotions together.
        names: What is compared: the first less the second.
    """

    emotion: str
    first: float
    second: float
    difference: float
    low: float
    high: float
    names: tuple[str, str] = ("", "")

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval is on one side of zero."""
        return self.low > 0 or self.high < 0

    def turned(self) -> "Difference":
        """The second less the first."""
        return Difference(
            self.emotion, self.second, self.first, -self.difference, -self.high, -self.low, self.names[::-1]
        )


@dataclass(frozen=True, slots=True)
class ByColumn:
    """Groups of a column, the largest first, the one of merged values last.

    Args:
        without: Posts without a value.
        clearest: The difference between two groups whose interval is farthest from zero; None where none is beyond
            chance.
    """

    column: str
    groups: tuple[Group, ...]
    without: int
    clearest: Difference | None


@dataclass(frozen=True, slots=True)
class Bin:
    """The posts of a day, week, month or year; `shares` is empty where they are under 30."""

    start: str
    end: str  # the day after the last one
    posts: int
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class OverTime:
    """The bins of a time line, without gaps.

    Args:
        moved: The clearest difference of the last bin of enough posts and the first; None where none is beyond chance.
    """

    unit: str
    bins: tuple[Bin, ...]
    moved: Difference | None


@dataclass(frozen=True, slots=True)
class Event:
    """What an event's day parts.

    Args:
        day: The first day after.
        first, end: Of the days that are compared; `end` is the day after the last one.
        before, after: Posts.
    """

    day: str
    first: str
    end: str
    days: int
    before: int
    after: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the words alone and the picture alone are given the same emotion.

    Args:
        counts: Posts by the emotion of the words (rows) and of the picture.
        agreed: Share, with its interval.
        kappa: Cohen's: 0 is chance, 1 is always; None where it is not defined.
    """

    posts: int
    counts: tuple[tuple[int, ...], ...]
    agreed: float
    low: float
    high: float
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Sureness:
    """How probable the answers were.

    Args:
        bins: Posts by the probability of the answer, in equal steps from 0 to 1.
        mean: Of all; `by_read` has posts and mean by what was read.
        under_half: Share of the answers that are less probable than a half.
    """

    bins: tuple[int, ...]
    mean: float
    under_half: float
    by_read: Mapping[str, tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Report:
    """All of it.

    Args:
        subject: What the posts are.
        shares: Of all posts, the largest first.
        mean_probability: By emotion, the mean over the posts with an answer.
        posts, refused, undated: Predictions; of them without an answer; without a date (None: no dates are known).
        clustered: Whether intervals take the posts of an author as going together.
        made: What the file says of how it was made; None where it says nothing.
    """

    subject: str
    emotions: tuple[str, ...]
    posts: int
    refused: int
    undated: int | None
    first: str
    last: str
    clustered: bool
    shares: tuple[Share, ...]
    mean_probability: Mapping[str, float]
    by: tuple[ByColumn, ...]
    over: OverTime | None
    event: Event | None
    agreement: Agreement | None
    sure: Sureness
    read: Mapping[str, int]
    warned: Mapping[str, int]
    pictures: Mapping[str, int]
    made: Mapping[str, Any] | None
    remarks: Sequence[str] = field(default=())

    @property
    def answered(self) -> int:
        """Posts with an answer, of which the shares are."""
        return self.posts - self.refused

    def to_json(self) -> Json:
        """Plain dicts, lists and numbers."""
        return asdict(self)
