"""Settings of a picture generator; the defaults are the published ones unless they say otherwise."""

from dataclasses import dataclass

from feelscope.config import check_choices, check_ranges

CONDITIONS = ("nothing", "emotion", "text")
SIZES = (32, 64)


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """What decides a picture generator, beside the pictures; Radford, Metz and Chintala 2016, section 4."""

    size: int = 32  # pixels a side, or 64
    by: str = "nothing"  # what is asked for: nothing, an `emotion` or a `text`
    width: float = 1.0  # share of the published channels
    learning_rate: float = 2e-4
    beta1: float = 0.5  # of Adam
    weight_decay: float = 1e-5  # L2, as in the authors' code
    batch_size: int = 128
    average: float = 0.999  # of the moving average of the generator, which is kept; ours, 0 keeps the last
    mirror: bool = False  # show half of the pictures mirrored; ours
    precision: str = "float32"  # or `bfloat16`, which takes half the time where the processor has it; ours
    epochs: int = 25  # as in the authors' code for faces
    steps: int = 0  # the most; 0 leaves it to epochs
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what would fail much later."""
        check_choices(self, by=CONDITIONS, precision=("float32", "bfloat16"))
        check_ranges(
            self,
            ("size", lambda value: value in SIZES, "32 or 64"),
            ("width", lambda value: 0 < value <= 2, "more than 0, up to 2"),
            ("learning_rate", lambda value: 0 < value <= 1, "more than 0, up to 1"),
            ("beta1 average", lambda value: 0 <= value < 1, "0 or more and less than 1"),
            ("weight_decay", lambda value: 0 <= value <= 1, "0 to 1"),
            ("batch_size", lambda value: 2 <= value <= 10_000, "2 to 10,000"),
            ("epochs", lambda value: 1 <= value <= 10**6, "1 to 1,000,000"),
            ("steps", lambda value: 0 <= value <= 10**9, "0 to 1,000,000,000"),
            ("seed", lambda value: 0 <= value < 2**31, "0 to 2,147,483,647"),
        )
