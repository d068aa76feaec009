"""A prediction as a row of a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from feelscope.post import DIGITS, Prediction

if TYPE_CHECKING:
    from feelscope.saved_model.calibration import Abstention


def row(prediction: Prediction, abstention: "Abstention | None" = None) -> dict[str, object]:
    """A prediction as a row of a table.

    Args:
        abstention: Gives the row a column `abstained`; where that is true, there is no emotion, and the last warning
            says why. The probabilities stay.
    """
    values: dict[str, object] = {
        "id": prediction.id,
        "emotion": prediction.emotion,
        "probabilities": {name: round(value, DIGITS) for name, value in prediction.probabilities.items()},
        "modalities": list(prediction.modalities),
        "warnings": list(prediction.warnings),
    }
    if abstention is None:
        return values
    refused, warnings = abstention.of(prediction)
    emotion = None if refused else prediction.emotion
    return values | {"emotion": emotion, "warnings": list(warnings), "abstained": refused}


def example_row(emotions: Sequence[str], *, abstains: bool = False) -> dict[str, object]:
    """A row with every column filled, for `open_writer(like=...)`.

    Args:
        abstains: Whether rows have the column `abstained`.
    """
    full = Prediction("1", emotions[0], dict.fromkeys(emotions, 1 / len(emotions)), ("text", "image"), ("cut",))
    return row(full) | ({"abstained": True} if abstains else {})
