"""How a question-emoji network is trained, beside the steps of the loop."""

from dataclasses import dataclass

from feelscope.config import check_choices, check_ranges


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """What is asked of a question-emoji network."""

    loss: str = "softmax"  # over all answers; or `hinge`, max(0, margin - right + wrong), by Wolf
    margin: float = 0.2  # of the hinge; Wolf
    negatives: int = 1  # wrong answers of each text and step, of the hinge; Wolf has 1
    drawn: str = "every step"  # or `once` for the whole training, as Wolf
    hard: float = 0.0  # share of the negatives that are those scored highest; ours
    balance: float = 0.0  # 0 counts every text alike, 1 every emoji: a text weighs its emoji's frequency ** -balance
    smoothing: float = 0.0  # of the softmax

    def __post_init__(self) -> None:
        """Refuse what would fail, or silently train nothing, much later."""
        check_choices(self, loss=("softmax", "hinge"), drawn=("every step", "once"))
        check_ranges(
            self,
            ("margin", lambda value: 0 < value <= 2, "more than 0 and at most 2, the most that cosines differ by"),
            ("negatives", lambda value: 1 <= value <= 10_000, "1 to 10,000"),
            ("hard balance", lambda value: 0 <= value <= 1, "0 to 1"),
            ("smoothing", lambda value: 0 <= value < 1, "0 or more and less than 1"),
        )
