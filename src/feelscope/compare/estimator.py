"""A scikit-learn estimator as a row of a comparison: what it reads of posts, and its classes from a TOML file.

    features = ["tfidf"]

    [[estimator]]                         # steps of a pipeline, the classifier last
    class = "sklearn.svm.LinearSVC"
    C = 0.5

A file may name scikit-learn's own estimators and nothing else: names are looked up in its list of them, and no module
is imported because a file names it.
"""

import inspect
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feelscope.config import did_you_mean, listed, parse_toml, shown
from feelscope.errors import ConfigError, needs_extra, one_line

# What may be read of a post, and the modality it is made of.
FEATURES = {"pixels": "image", "mean_words": "text", "tfidf": "text"}
_SETTINGS = ("purpose", "features", "estimator")


@dataclass(frozen=True, eq=False)
class Estimator:
    """A classifier of scikit-learn and the features that it is trained on, side by side.

    Args:
        model: Not trained; it answers with `predict_proba` or `decision_function`.
        features: Some of `FEATURES`; none of them: it answers without looking at posts.
        optional: Left out of a comparison, and told, where the posts have nothing of it.

    Raises:
        ConfigError: A feature is not known.
    """

    model: Any
    features: tuple[str, ...] = ("tfidf",)
    optional: bool = False

    def __post_init__(self) -> None:
        """Refuse features that are not known."""
        for name in self.features:
            if not isinstance(name, str) or name not in FEATURES:
                raise ConfigError(f"features: {shown(name)} is not known; {did_you_mean(str(name), FEATURES)}")

    @property
    def modalities(self) -> tuple[str, ...]:
        """The modalities of posts that it reads."""
        return tuple(dict.fromkeys(FEATURES[name] for name in self.features))

    @property
    def settings(self) -> str:
        """Equal for equal features, classes and parameters."""
        parameters = {name: _said(value) for name, value in self.model.get_params(deep=True).items()}
        return json.dumps([self.features, _said(self.model), parameters], sort_keys=True)


def _said(value: Any) -> str:
    kind = type(value)
    said = f"{kind.__module__}.{kind.__qualname__}" if hasattr(value, "get_params") else repr(value)
    return re.sub(r" at 0x[0-9a-f]+", "", said)


def is_estimator(file: Path) -> bool:
    """Whether a TOML file is one of an estimator; another one is a recipe.

    Raises:
        ConfigError: It is missing or torn.
    """
    return "estimator" in parse_toml(file)


def read_estimator(file: Path) -> Estimator:
    """Read an estimator from a TOML file.

    Raises:
        ConfigError: A class, a parameter or a feature in it is not known.
        MissingExtra: scikit-learn is not installed.
    """
    values = parse_toml(file)
    for name in values:
        if name not in _SETTINGS:
            raise ConfigError(f"{file}: {shown(name)} is not a setting; {did_you_mean(name, _SETTINGS)}")
    features, steps = values.get("features"), values["estimator"]
    if not (isinstance(features, list) and features):
        raise ConfigError(f"{file}: features: expected some of {listed(FEATURES)}, found {shown(features)}")
    if not (isinstance(steps, list) and steps and all(isinstance(step, dict) for step in steps)):
        raise ConfigError(f"{file}: estimator: expected a table [[estimator]] for each step")
    try:
        with needs_extra("estimators", "train"):
            from sklearn.pipeline import make_pipeline
        return Estimator(make_pipeline(*(_step(step) for step in steps)), tuple(features))
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None


def _step(values: dict[str, Any]) -> Any:
    """One of scikit-learn's estimators with its parameters."""
    from sklearn.utils import all_estimators

    name = values.get("class")
    classes = {_path(kind): kind for _, kind in all_estimators()}
    if not isinstance(name, str) or name not in classes:
        raise ConfigError(f"class: {shown(name)} is no estimator of scikit-learn; {did_you_mean(str(name), classes)}")
    parameters = {key: value for key, value in values.items() if key != "class"}
    # `memory` names a folder of pickles, which are programs.
    known = [key for key in inspect.signature(classes[name]).parameters if key != "memory"]
    for key in parameters:
        if key not in known:
            raise ConfigError(f"{name}: {shown(key)} is not a parameter; {did_you_mean(key, known)}")
    try:
        return classes[name](**parameters)
    except TypeError as error:
        raise ConfigError(f"{name}: {one_line(error)}; give what it needs") from error


def _path(kind: type) -> str:
    """Where a class is documented, as in `sklearn.svm.LinearSVC`."""
    public = [part for part in kind.__module__.split(".") if not part.startswith("_")]
    return ".".join([*public, kind.__name__])
