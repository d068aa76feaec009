"""How far a model's probabilities are to be trusted, by the combination of modalities that a post was read by.

    {"combinations": {"text": {"posts": 200, "temperature": 1.6, "biases": {"happiness": 0.2, ...},
                               "confidence": [0.21, 0.23, ..., 0.99]}, "text+image": ...}}

Of each combination: on how many labelled posts it was fitted, how the probabilities are scaled (`metrics.scaling`;
without biases the answers stay), and the confidence that 0%, 1%, ... 100% of those posts stay below. The last tells
which answer is among the least sure tenth, and needs no labels.

The file is foreign, as all of a model's folder: what is in it is checked before it is used. A model without one, or
with none for a combination, answers as its networks do.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from feelscope.config import did_you_mean, shown
from feelscope.errors import ConfigError, ModelError
from feelscope.metrics.scaling import AS_IT_IS, COLDEST, HOTTEST, MOST_BIAS, Scaling
from feelscope.post import IMAGE_TEXT, Prediction
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.folder import CALIBRATION, Labels

LEAST_SURE = 0.1  # the share of posts whose answers are said to be unsure; ours
LEAST = 50  # posts of a combination that anything is fitted to
_NOT_SURE = "not sure: "  # begins a warning
_PERCENTS = 101  # of which the confidence is kept


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is known of one combination of modalities.

    Args:
        posts: It was fitted on so many.
        scaling: Of the probabilities.
        confidence: (101,), never falling: what 0%, 1%, ... 100% of the posts' confidence, scaled, is at most.
    """

    posts: int
    scaling: Scaling
    confidence: tuple[float, ...]

    def threshold(self, share: float) -> float:
        """The confidence that this share of the posts, 0 to 1, stays below."""
        return float(np.interp(share * (_PERCENTS - 1), np.arange(_PERCENTS), self.confidence))


@dataclass(frozen=True, slots=True)
class Calibrations:
    """The calibration of each combination of modalities, by its name as `combination` gives it."""

    by_combination: Mapping[str, Calibration] = field(default_factory=dict)

    def of(self, modalities: Iterable[str]) -> Calibration | None:
        """That of posts read by these modalities, words and picture first; None where nothing is known."""
        return self.by_combination.get(combination(modalities))

    def calibrated(self, row: np.ndarray, modalities: Collection[str]) -> np.ndarray:
        """Probabilities (K,) of a post that was read by these modalities, scaled."""
        known = self.of(modalities)
        return row if known is None or known.scaling == AS_IT_IS else known.scaling(row)

    def doubt(self, emotion: str, confidence: float, modalities: Collection[str]) -> str:
        """What to warn of in an answer that is among the least sure tenth, in a sentence; empty for any other.

        Nothing is known of a combination of modalities without a calibration.
        """
        known = self.of(modalities)
        if known is None or confidence >= (least := known.threshold(LEAST_SURE)):
            return ""
        read = " and ".join(modalities)
        return f"{_NOT_SURE}{emotion} has {confidence:.1%}; nine of ten posts read from {read} have {least:.1%} or more"

    def to_json(self, emotions: Sequence[str]) -> dict[str, Any]:
        """The content of calibration.json."""
        return {
            "combinations": {
                name: {
                    "posts": one.posts,
                    "temperature": one.scaling.temperature,
                    "biases": dict(zip(emotions, one.scaling.biases, strict=False)),
                    "confidence": list(one.confidence),
                }
                for name, one in self.by_combination.items()
            }
        }


@dataclass(frozen=True, slots=True)
class Abstention:
    """Which answers are refused, as they are not sure enough.

    Args:
        share: Of posts such as it was calibrated on, above 0 and below 1; by each combination of modalities.

    Raises:
        ConfigError: The share is no such number.
        ModelError: The model has no calibration.
    """

    calibrations: Calibrations
    share: float
    folder: Path

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ConfigError(f"share of refused answers: expected a number above 0 and below 1, found {self.share}")
        if not self.calibrations.by_combination:
            raise ModelError(
                f"{self.folder}: this model has no {CALIBRATION}, so which answers are unsure is not known; make a "
                "copy that has one: feelscope calibrate TABLE --model MODEL --out FOLDER"
            )

    def of(self, prediction: Prediction) -> tuple[bool, tuple[str, ...]]:
        """Whether an answer is refused, and its warnings: the last says why, or why that cannot be told."""
        known = self.calibrations.of(prediction.modalities)
        read = " and ".join(prediction.modalities)
        if known is None:
            why = f"not refused however unsure: {CALIBRATION} has nothing of posts read from {read}"
            return False, (*prediction.warnings, why)
        confidence, least = max(prediction.probabilities.values()), known.threshold(self.share)
        if confidence >= least:
            return False, prediction.warnings
        why = (
            f"not sure enough: {prediction.emotion} has {confidence:.1%}, and the least sure {self.share * 100:.4g}% "
            f"of the posts read from {read} have less than {least:.1%}"
        )
        return True, (*(said for said in prediction.warnings if not said.startswith(_NOT_SURE)), why)


def combination(modalities: Iterable[str]) -> str:
    """The name of a combination of modalities, such as `text+image`; words that were read in a picture are words."""
    names = [*modalities]
    if IMAGE_TEXT in names:
        names = ["text", *(name for name in names if name not in ("text", IMAGE_TEXT))]
    return "+".join(names)


def confidence_of(probabilities: ArrayLike) -> tuple[float, ...]:
    """What `Calibration.confidence` is for probabilities (N, K), scaled."""
    quantiles = np.quantile(np.asarray(probabilities).max(axis=1), np.linspace(0, 1, _PERCENTS))
    return tuple(map(float, quantiles))


def read(folder: Path, labels: Labels) -> Calibrations:
    """Read calibration.json, where the folder has one; its checksum is `folder.read_labels`'s to check.

    Raises:
        ModelError: It is not as Feelscope writes it.
    """
    if not (folder / CALIBRATION).exists():
        return Calibrations()
    found = model_folder.read_object(folder, CALIBRATION).get("combinations")
    if not isinstance(found, dict) or len(found) > 2 ** len(labels.modalities):
        raise model_folder.wrong(folder, CALIBRATION, f"combinations: expected an object, found {shown(found)}")
    return Calibrations({name: _read_one(folder, labels, name, value) for name, value in found.items()})


def _read_one(folder: Path, labels: Labels, name: str, value: object) -> Calibration:
    """The checked calibration of one combination."""
    parts = name.split("+")
    if parts != [modality for modality in labels.modalities if modality in parts]:
        known = "+".join(labels.modalities)
        raise model_folder.wrong(folder, CALIBRATION, f"expected modalities of {known}, found {shown(name)}")
    if not isinstance(value, dict):
        raise model_folder.wrong(folder, CALIBRATION, f"{name}: expected an object, found {shown(value)}")
    values: tuple[Any, ...] = tuple(map(value.get, ("posts", "temperature", "biases", "confidence")))
    posts, temperature, biases, confidence = values
    what = ""
    if type(posts) is not int or not 0 < posts < 10**12:
        what = f"posts: expected a whole number above 0, found {shown(posts)}"
    elif not _is_number(temperature, COLDEST, HOTTEST):
        what = f"temperature: expected a number from {COLDEST} to {HOTTEST:g}, found {shown(temperature)}"
    elif not isinstance(biases, dict):
        what = f"biases: expected a number for each emotion, found {shown(biases)}"
    elif biases and (unknown := [emotion for emotion in biases if emotion not in labels.emotions]):
        what = f"biases: no emotion of this model is {shown(unknown[0])}; {did_you_mean(unknown[0], labels.emotions)}"
    elif biases and (without := [emotion for emotion in labels.emotions if emotion not in biases]):
        what = f"biases: there is none for {shown(without[0])}"
    elif odd := [bias for bias in biases.values() if not _is_number(bias, -MOST_BIAS, MOST_BIAS)]:
        what = f"biases: expected numbers from {-MOST_BIAS:g} to {MOST_BIAS:g}, found {shown(odd[0])}"
    elif not _are_quantiles(confidence):
        what = f"confidence: expected {_PERCENTS} numbers from 0 to 1 that never fall, found {shown(confidence)}"
    if what:
        raise model_folder.wrong(folder, CALIBRATION, f"{name}: {what}")
    scaling = Scaling(float(temperature), tuple(float(biases[emotion]) for emotion in labels.emotions if biases))
    return Calibration(posts, scaling, tuple(map(float, confidence)))


def _is_number(value: object, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most  # NaN is neither


def _are_quantiles(value: object) -> bool:
    if not isinstance(value, list) or len(value) != _PERCENTS or not all(_is_number(one, 0, 1) for one in value):
        return False
    return value == sorted(value)
