"""Which recipes are compared: the six of `paper` or `strong`, or files of one's own; each perhaps with dropout."""

from dataclasses import replace
from pathlib import Path

from feelscope.config import did_you_mean
from feelscope.errors import ConfigError
from feelscope.models.settings import FAMILY
from feelscope.objectives.settings import DropoutSettings
from feelscope.train.recipe import Recipe, change, names, read_recipe

FAMILIES = ("paper", "strong")
_ONE_BY_ONE = ("text_only", "image_only", "late")  # no network of theirs ever sees two modalities at once


def choose(models: str, recipes: str, *, dropout: float = 0.0, epochs: int | None = None) -> dict[str, Recipe]:
    """Recipes by the name they have in the table, in the order of the table.

    Args:
        models: `all`, or names and TOML files, joined by commas.
        recipes: `paper`, `strong`, or both, joined by a comma.
        dropout: Where above 0, each fusion that is trained on whole posts is there a second time, with this share of
            modality dropout.
        epochs: The most, instead of the recipes'.

    Raises:
        ConfigError: A name is not known, or a file holds no recipe of the family.
    """
    if not 0 <= dropout <= 1:
        raise ConfigError(f"--dropout: expected a share from 0 to 1, found {dropout}")
    families = _split(recipes)
    for family in families:
        if family not in FAMILIES:
            raise ConfigError(f"--recipes: {family!r} is not known; {did_you_mean(family, FAMILIES)}")
    chosen: dict[str, Recipe] = {}
    for family in families:
        for name, recipe in _of_family(family, _split(models)).items():
            chosen[name] = change(recipe, epochs=epochs)
            if dropout and recipe.fusion.model not in _ONE_BY_ONE:
                chosen[f"{name} + dropout"] = replace(chosen[name], modality_dropout=DropoutSettings(dropout))
    if not chosen:
        raise ConfigError("--models and --recipes: nothing is named; give `all` and `paper`, say")
    return chosen


def _of_family(family: str, models: list[str]) -> dict[str, Recipe]:
    recipes = {}
    for model in FAMILY if models == ["all"] else models:
        is_file = model.endswith(".toml")
        if not is_file and f"{family}/{model}" not in names():
            raise ConfigError(f"--models: {model!r} is not known; {did_you_mean(model, ['all', *FAMILY])}")
        recipe = read_recipe(model if is_file else f"{family}/{model}")
        if recipe.text.training == "tuned" or recipe.image.training != "frozen":
            raise ConfigError(
                f"{model}: what is compared has frozen encoders or word vectors, and this recipe tunes one"
            )
        recipes[Path(model).stem if is_file else f"{family}/{model}"] = recipe
    return recipes


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
