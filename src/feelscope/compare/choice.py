"""Which recipes are compared: the six of `paper` or `strong`, or files of one's own; each perhaps with dropout."""

from dataclasses import replace
from pathlib import Path

from feelscope.config import did_you_mean
from feelscope.errors import ConfigError
from feelscope.models.settings import FAMILY
from feelscope.objectives.settings import DropoutSettings
from feelscope.train.recipe import Recipe, change, names, read_recipe

FOLDERS = ("paper", "strong")


def choose(models: str, recipes: str, *, dropout: float = 0.0, epochs: int | None = None) -> dict[str, Recipe]:
    """Recipes by the name they have in the table, in the order of the table.

    Args:
        models: `all`, or names and TOML files, joined by commas.
        recipes: `paper`, `strong`, or both, joined by a comma.
        dropout: Above 0, each fusion that is trained on whole posts is compared a second time, with this share of
            modality dropout.
        epochs: The most, instead of the recipes'.

    Raises:
        ConfigError: A name is not known, or a file holds a recipe that cannot be compared.
    """
    if not 0 <= dropout <= 1:
        raise ConfigError(f"--dropout: expected a share from 0 to 1, found {dropout}")
    folders = _split(recipes)
    for folder in folders:
        if folder not in FOLDERS:
            raise ConfigError(f"--recipes: {folder!r} is not known; {did_you_mean(folder, FOLDERS)}")
    chosen: dict[str, Recipe] = {}
    for folder in folders:
        for name, recipe in _read(folder, _split(models)).items():
            chosen[name] = change(recipe, epochs=epochs)
            if dropout and recipe.sees_modalities_together:
                chosen[f"{name} + dropout"] = replace(chosen[name], modality_dropout=DropoutSettings(dropout))
    if not chosen:
        raise ConfigError("--models and --recipes: nothing is named; give `all` and `paper`, say")
    return chosen


def _read(folder: str, models: list[str]) -> dict[str, Recipe]:
    recipes = {}
    for model in FAMILY if models == ["all"] else models:
        is_file = model.endswith(".toml")
        if not is_file and f"{folder}/{model}" not in names():
            raise ConfigError(f"--models: {model!r} is not known; {did_you_mean(model, ['all', *FAMILY])}")
        recipe = read_recipe(model if is_file else f"{folder}/{model}")
        if is_file:
            _check(recipe, model)
        name = Path(model).stem if is_file else f"{folder}/{model}"
        if name in recipes:
            raise ConfigError(f"--models: two are called {name}; give each file a name of its own")
        recipes[name] = recipe
    return recipes


def _check(recipe: Recipe, file: str) -> None:
    """Refuse a recipe that asks for what a comparison does not do."""
    if recipe.bottleneck:
        reason = "this recipe trains a semantic bottleneck, which no comparison trains"
    elif recipe.text.training == "tuned" or recipe.image.training != "frozen":
        reason = "this recipe trains one of its encoders, and what is compared has frozen ones or word vectors"
    elif recipe.data.tables or recipe.data.subclass:
        reason = "this recipe names tables or subclasses, and all models are compared on the emotions of one TABLE"
    elif recipe.augmentation:
        reason = "this recipe learns copies of posts, and all models are compared on the same posts"
    elif recipe.choices.refit:
        reason = "this recipe asks for a refit, and what is compared is trained without the validation split"
    else:
        return
    raise ConfigError(f"{file}: {reason}; change the recipe, or use it with feelscope train")


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
