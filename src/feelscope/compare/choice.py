"""What is compared: the six recipes of a folder, the baselines, or files of one's own; recipes perhaps with dropout."""

from dataclasses import replace
from pathlib import Path

from feelscope.compare import baselines
from feelscope.compare.estimator import Estimator, is_estimator, read_estimator
from feelscope.config import did_you_mean
from feelscope.errors import ConfigError
from feelscope.models.settings import FAMILY
from feelscope.objectives.settings import DropoutSettings
from feelscope.train.recipe import Recipe, change, names, read_recipe

FOLDERS = ("paper", "strong", "tfidf")
BASELINES = "baselines"


def choose(models: str, recipes: str, *, dropout: float = 0.0, epochs: int | None = None) -> dict[str, Recipe]:
    """Recipes by the name they have in the table, in the order of the table.

    Args:
        models: `all`, names and TOML files, joined by commas; what `choose_estimators` chooses is passed over.
        recipes: Some of FOLDERS, joined by commas.
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
    if not folders or not _split(models):
        raise ConfigError("--models and --recipes: nothing is named; give `all` and `paper`, say")
    return chosen


def choose_estimators(models: str) -> dict[str, Estimator]:
    """Of the same `models`, the baselines and the TOML files of estimators, by the name they have in the table.

    Raises:
        ConfigError: A file holds no estimator of scikit-learn's, or two have the same name.
        MissingExtra: scikit-learn is not installed.
    """
    chosen: dict[str, Estimator] = {}
    for model in _split(models):
        found: dict[str, Estimator] = {}
        if model == BASELINES:
            found = baselines.rows()
        elif _is_estimator(model):
            found = {Path(model).stem: read_estimator(Path(model))}
        if twice := chosen.keys() & found.keys():
            raise ConfigError(f"--models: two are called {min(twice)}; give each file a name of its own")
        chosen |= found
    return chosen


def _is_estimator(model: str) -> bool:
    return model.endswith(".toml") and is_estimator(Path(model))


def _read(folder: str, models: list[str]) -> dict[str, Recipe]:
    recipes = {}
    named = [name for model in models for name in (FAMILY if model == "all" else (model,))]
    for model in named:
        if model == BASELINES or _is_estimator(model):
            continue
        is_file = model.endswith(".toml")
        if not is_file and f"{folder}/{model}" not in names():
            raise ConfigError(f"--models: {model!r} is not known; {did_you_mean(model, ['all', BASELINES, *FAMILY])}")
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
    elif recipe.image.encoder and recipe.image.training != "frozen":
        reason = "this recipe trains its encoder of pictures, and those that are compared have a frozen one"
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
