"""The settings of a recipe's objectives: one optional table for each, beside the labels.

Settings of Duong, Lebret and Aberer 2017 have their section beside them.
"""

from dataclasses import dataclass

from feelscope.config import check_choices, check_ranges
from feelscope.errors import ConfigError
from feelscope.images.transformations import FAMILIES


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
class EnAETSettings:
    """`[enaet]`: MixMatch of posts with and without labels, and pictures whose transformation has to be told.

    Values are those of the published code for CIFAR-10, unless "ours" is beside them.
    """

    families: tuple[str, ...] = FAMILIES  # of transformations; empty leaves MixMatch and the mosaic
    projective: float = 1.0  # what telling each family counts, once it counts in full
    affine: float = 0.75
    similarity: float = 0.5
    euclidean: float = 0.2
    colour: float = 0.05
    rise: float = 0.1  # share of the steps over which the families come to count in full
    families_a_step: int = 0  # drawn again each step, their weights raised to make up for the others; 0 is all; ours
    mosaic: bool = True  # whether a view with a square of its mean colour joins in guesses and in `gamma`
    gamma: float = 1.0  # of the divergence of what is said of a transformed view from the guess
    beta: float = 75.0  # of the squared error to guesses
    warm_up: float = 0.05  # share of the steps over which `beta` comes to count in full
    temperature: float = 0.5  # T, to which guesses are sharpened
    alpha: float = 0.75  # of the beta distribution that two posts are mixed by
    mix: str = "inputs"  # of pictures, what the layers that learn take; or `vectors`, for much less work; ours
    unlabelled: int = 1  # posts without labels in a step, for each with one
    pictures: int = 0  # shown in a step, of posts with labels and of those without, at most; 0 is all; ours

    def __post_init__(self) -> None:
        """Refuse what would teach nothing, or reward mistakes."""
        for family in self.families:
            check_choices({"families": family}, families=FAMILIES)
        check_choices(self, mix=("inputs", "vectors"))
        check_ranges(
            self,
            ("families", lambda value: len(set(value)) == len(value), "each family once"),
            (f"{' '.join(FAMILIES)} gamma beta", lambda value: value >= 0, "0 or more"),
            ("rise warm_up", lambda value: 0 <= value <= 1, "0 to 1"),
            ("families_a_step", lambda value: 0 <= value <= len(self.families), "0 to the number of families"),
            ("temperature", lambda value: 0.01 <= value <= 1, "0.01 to 1"),
            ("alpha", lambda value: 0 < value <= 1000, "more than 0 and at most 1,000"),
            ("unlabelled", lambda value: 1 <= value <= 1000, "1 to 1,000"),
            ("pictures", lambda value: 0 <= value <= 100_000, "0 to 100,000"),
        )
        if self.gamma and not self.families and not self.mosaic:
            raise ConfigError("gamma: without families and mosaic nothing is compared with guesses; set it to 0")

    @property
    def transforms(self) -> bool:
        """Whether pictures are transformed at all, so that the encoder of pictures has to be one that can."""
        return bool(self.families) or self.gamma > 0

    def weight(self, family: str) -> float:
        """What telling a family counts in the end."""
        return float(getattr(self, family))


@dataclass(frozen=True, slots=True)
class DistillationSettings:
    """`[distillation]`: how much a teacher counts; without --teacher there is nothing to hear."""

    share: float = 0.5  # of the loss, for posts that teachers answered for; ours

    def __post_init__(self) -> None:
        """Refuse a share that is out of range."""
        check_ranges(self, ("share", lambda value: 0 <= value <= 1, "0 to 1"))
