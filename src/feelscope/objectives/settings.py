"""The settings of a recipe's objectives: one optional table for each, beside the labels.

Settings of Duong, Lebret and Aberer 2017 have their section beside them.
"""

from dataclasses import dataclass

from feelscope.config import check_choices, check_ranges
from feelscope.errors import ConfigError


@dataclass(frozen=True, slots=True)
class CombinationSettings:
    """`[combinations]`: what a post's words alone and its picture alone weigh, beside 1 for the post as it is."""

    text_weight: float = 0.5  # ours
    image_weight: float = 0.5  # ours

    def __post_init__(self) -> None:
        """Refuse a negative weight."""
        check_ranges(self, ("text_weight image_weight", lambda value: value >= 0, "0 or more"))


@dataclass(frozen=True, slots=True)
class DropoutSettings:
    """`[modality_dropout]`: how many posts of a step lose a modality."""

    share: float  # of the posts that have several

    def __post_init__(self) -> None:
        """Refuse a share that is out of range."""
        check_ranges(self, ("share", lambda value: 0 <= value <= 1, "0 to 1"))


@dataclass(frozen=True, slots=True)
class CommonSpaceSettings:
    """`[common_space]`: the second task, of a fusion that has such a space."""

    negatives: int = 4  # texts of other emotions for each post; table 3
    main_weight: float = 3.0  # lambda, of the classification; table 3

    def __post_init__(self) -> None:
        """Refuse what would train nothing."""
        check_ranges(
            self,
            ("negatives", lambda value: 1 <= value <= 1000, "1 to 1,000"),
            ("main_weight", lambda value: value > 0, "more than 0"),
        )


@dataclass(frozen=True, slots=True)
class DeltaSettings:
    """`[delta]`: how dear it is to move a word's vector from where the file has it."""

    c: float  # of the sum of the deltas' norms, equation 2; the paper's values are not known

    def __post_init__(self) -> None:
        """Refuse a negative price."""
        check_ranges(self, ("c", lambda value: value >= 0, "0 or more"))


@dataclass(frozen=True, slots=True)
class DSRegSettings:
    """`[dsreg]`: hard negatives, and how much it counts to tell them from easy ones."""

    weight: float = 0.5  # of the second softmax beside the labels; the paper's is not known, ours is to be tuned
    by: str = "words"  # or `keyword:A,B`, `column:NAME`, `prepared`, `chance`; see `hard_negatives`
    ratio: float = 1.0  # hard negatives for each post of an emotion, at most; ours
    emotion: str = ""  # the only one that has a second softmax; empty: each emotion has one

    def __post_init__(self) -> None:
        """Refuse what would find nothing, or reward mistakes."""
        kind, _, value = self.by.partition(":")
        check_choices({"by": kind}, by=("words", "keyword", "column", "prepared", "chance"))
        if (kind in ("keyword", "column")) != bool(value.strip()):
            raise ConfigError(f"by: expected words, chance, prepared, keyword:A,B or column:NAME, found {self.by!r}")
        check_ranges(
            self,
            ("weight", lambda value: value >= 0, "0 or more"),
            ("ratio", lambda value: 0 < value <= 1000, "more than 0 and at most 1,000"),
        )


@dataclass(frozen=True, slots=True)
class SecretSettings:
    """`[secret]`: the labels' words have vectors, and posts find them."""

    weight: float = 1.0  # of the squared distance to the label's vector beside the labels; ours
    permute: bool = False  # the control: each emotion has another one's vector

    def __post_init__(self) -> None:
        """Refuse a negative weight."""
        check_ranges(self, ("weight", lambda value: value >= 0, "0 or more"))


@dataclass(frozen=True, slots=True)
class DistillationSettings:
    """`[distillation]`: how much a teacher counts; without --teacher there is nothing to hear."""

    share: float = 0.5  # of the loss, for posts that teachers answered for; ours

    def __post_init__(self) -> None:
        """Refuse a share that is out of range."""
        check_ranges(self, ("share", lambda value: 0 <= value <= 1, "0 to 1"))
