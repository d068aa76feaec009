"""One training of a scikit-learn estimator: as `training.py` for recipes, an outcome of the same shape.

Where an estimator has no probabilities, its decision values are taken as logits: divided by one temperature, which the
validation split chooses as it does for networks, so that answers are the estimator's own.
"""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from feelscope.compare.estimator import FEATURES, Estimator
from feelscope.compare.features import Features
from feelscope.compare.material import Material
from feelscope.compare.missing import LOSES, draw
from feelscope.compare.training import Outcome
from feelscope.encoders.encoded_posts import encoded_posts
from feelscope.errors import ConfigError, one_line
from feelscope.train.selection import SplitAnswers, fit_temperature


def train_estimator(
    name: str, estimator: Estimator, seed: int, material: Material, rates: tuple[float, ...]
) -> Outcome:
    """Train and answer.

    Args:
        name: For errors.
        rates: Of posts that lose a modality; the seed's pattern says which.

    Raises:
        ConfigError: scikit-learn refuses the parameters or the features, or the estimator cannot classify.
    """
    from sklearn.base import clone

    started = time.process_time()
    model = clone(estimator.model)
    model.set_params(**{key: seed for key in model.get_params() if key.rpartition("__")[2] == "random_state"})
    training = _Read(estimator, material, "training")
    rows, labels = training.present, material.labels("training").numpy()
    try:
        model.fit(training.matrix({})[rows], labels[rows])
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{name}: scikit-learn refuses it ({one_line(error)[:300]}); change the estimator") from error
    count = len(material.emotions)
    temperature = 1.0
    held = _Read(estimator, material, "validation")
    if not hasattr(model, "predict_proba") and held.present.any():
        logits = torch.from_numpy(_logits(name, model, held.matrix({})[held.present], count))
        chosen_on = SplitAnswers(logits, material.labels("validation")[torch.from_numpy(held.present)])
        temperature = fit_temperature({"both": chosen_on})
    seconds = time.process_time() - started

    scored = _Read(estimator, material, "scored")

    def answer(there: Mapping[str, np.ndarray]) -> np.ndarray:
        """Probabilities (N, K) of the scored posts, of which only some have a modality; zeros where nothing is left."""
        readable = scored.readable(there)
        probabilities = np.zeros((len(readable), count), np.float32)
        if readable.any():
            logits = torch.from_numpy(_logits(name, model, scored.matrix(there)[readable], count))
            probabilities[readable] = (logits / temperature).softmax(dim=1).numpy()
        return probabilities

    nothing = np.zeros(len(material.posts["scored"]), dtype=bool)
    combinations: dict[str, Mapping[str, np.ndarray]] = {"both": {}}
    for kept, other in (("text", "image"), ("image", "text")):
        if kept in estimator.modalities or not estimator.features:
            combinations[kept] = {other: nothing}
    everything = {modality: torch.ones(len(nothing)) for modality in ("text", "image")}
    posts = encoded_posts({}, everything, material.labels("scored"))
    pattern = draw(material.posts["scored"], seed)
    lost = {}
    for loses in LOSES:
        for rate in rates:
            there = {key: value.numpy() > 0 for key, value in pattern.apply(posts, loses, rate).present.items()}
            found = answer(there)
            lost[f"{loses} {rate:g}"] = np.where(found.any(axis=1), found.argmax(axis=1), -1).astype(np.int16)
    return Outcome(
        {key: answer(there) for key, there in combinations.items()},
        lost,
        {"seconds": seconds, "parameters": float("nan"), "epochs": float("nan")},
    )


class _Read:
    """The features of an estimator, of one set of posts."""

    def __init__(self, estimator: Estimator, material: Material, name: str):
        self._count = len(material.posts[name])
        self._features: dict[str, Features] = {key: material.features(key, name) for key in estimator.features}
        self.present = self.readable({})

    def readable(self, there: Mapping[str, np.ndarray]) -> np.ndarray:
        """Which posts have any feature, bool (N,); all of them where an estimator looks at none.

        Args:
            there: By modality, which posts have it still; all where one is not named.
        """
        if not self._features:
            return np.ones(self._count, dtype=bool)
        return np.any([feature.present & self._there(key, there) for key, feature in self._features.items()], axis=0)

    def matrix(self, there: Mapping[str, np.ndarray]) -> Any:
        """The features side by side, (N, F), as `readable` takes them."""
        parts = [feature.where(self._there(key, there)) for key, feature in self._features.items()]
        if not parts:
            return np.zeros((self._count, 1), np.float32)
        if all(isinstance(part, np.ndarray) for part in parts):
            return np.concatenate(parts, axis=1)
        from scipy.sparse import hstack

        return hstack(parts).tocsr()

    def _there(self, key: str, there: Mapping[str, np.ndarray]) -> np.ndarray:
        return there.get(FEATURES[key], np.ones(self._count, dtype=bool))


def _logits(name: str, model: Any, features: Any, count: int) -> np.ndarray:
    """Logarithms of probabilities, or decision values, float32 (N, K); of emotions without a post very low ones."""
    if hasattr(model, "predict_proba"):
        values = np.log(np.clip(model.predict_proba(features), 1e-12, None))
    elif hasattr(model, "decision_function"):
        values = model.decision_function(features)
        if values.ndim == 1:  # of two emotions
            values = np.stack([-values, values], axis=1)
    else:
        raise ConfigError(f"{name}: it has neither predict_proba nor decision_function; give a classifier")
    logits = np.full((len(values), count), -100.0, np.float32)
    if values.shape[1:] != (len(model.classes_),):
        raise ConfigError(
            f"{name}: its decision values are of {values.shape[1:]}, not one of each emotion; give another"
        )
    logits[:, model.classes_] = values
    return logits
