"""What an audit found, as rows that are shown, written and drawn."""

from dataclasses import asdict, dataclass

from feelscope.metrics.intervals import LEVEL

CONTROL = "control"  # the swaps that are neutral
SIDES = ("the first", "the second")  # of swaps of no known concept
LEAST_SWAPS = 5  # from which on intervals are over swaps too: how fewer would vary is not known; ours
SIGNIFICANT = 1 - LEVEL  # a corrected p-value below it is flagged


@dataclass(frozen=True, slots=True)
class Effect:
    """How far a score moves, with its sign: the score of the first side less that of the second.

    Args:
        set: Of templates.
        swaps: The concept that is audited, or "control".
        measure: An emotion, whose probability it is, or "ln probability".
        mean: Over all matched pairs; `low` and `high` are its 95% interval.
        p: Of a mean of 0; `holm` is corrected for all effects of these swaps.
        absolute: Mean over subjects of the absolute value of their mean, with its interval.
    """

    set: str
    swaps: str
    measure: str
    pairs: int
    mean: float
    low: float
    high: float
    p: float
    holm: float
    absolute: float
    absolute_low: float
    absolute_high: float

    @property
    def flagged(self) -> bool:
        """Whether it is more than chance, after the correction."""
        return self.holm < SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Size:
    """How far answers move at all: total variation, share of answers that flip, or mean absolute difference.

    Args:
        more: How much more than under the control's swaps, with its interval; NaN for the control itself.
    """

    set: str
    swaps: str
    measure: str
    pairs: int
    mean: float
    low: float
    high: float
    more: float
    more_low: float
    more_high: float


@dataclass(frozen=True, slots=True)
class Part:
    """The bias of one subject, such as an occupation, or under one swap, such as "he / she".

    Args:
        by: "subject" or "swap".
        holm: Corrected for all parts and measures of the set and these swaps.
        absolute: Mean of its pairs' absolute differences.
        percent_women: Of those who have the occupation; None where it is none or not known.
    """

    set: str
    swaps: str
    by: str
    name: str
    measure: str
    pairs: int
    mean: float
    low: float
    high: float
    p: float
    holm: float
    absolute: float
    percent_women: float | None

    @property
    def flagged(self) -> bool:
        """Whether it is more than chance, after the correction."""
        return self.holm < SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's r of occupations' bias with the share of women among those who have them."""

    set: str
    swaps: str
    measure: str
    subjects: int
    r: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Audit:
    """All that an audit of one model found.

    Args:
        concept: What the swaps exchange, as "gender".
        kind: Of the scores; see `scored.Scored`.
        sides: What the first side and the second side of a difference are, as ("men", "women").
        notes: What was left out, one sentence each.
    """

    model: str
    concept: str
    kind: str
    sides: tuple[str, str]
    measures: tuple[str, ...]
    effects: tuple[Effect, ...]
    sizes: tuple[Size, ...]
    parts: tuple[Part, ...]
    correlations: tuple[Correlation, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """All of it as plain dicts, lists and numbers."""
        return asdict(self)

    def flagged(self, control: bool = False) -> list[Effect]:
        """The effects that are more than chance, the strongest first."""
        found = [one for one in self.effects if one.flagged and (one.swaps == CONTROL) == control]
        return sorted(found, key=lambda one: -abs(one.mean))

    def few_swaps(self, set: str, swaps: str) -> int:
        """How many swaps a score is of, where they are too few to tell what they are about from their words; or 0."""
        own = {one.name for one in self.parts if one.by == "swap" and (one.set, one.swaps) == (set, swaps)}
        return len(own) if len(own) < LEAST_SWAPS else 0

    @property
    def sets(self) -> tuple[str, ...]:
        """The sets of templates."""
        return tuple(dict.fromkeys(one.set for one in self.effects))

    @property
    def swaps(self) -> tuple[str, ...]:
        """What is swapped, the control last."""
        return (*dict.fromkeys(one.swaps for one in self.effects if one.swaps != CONTROL), CONTROL)
