"""A soup: trainings that differ only in their draws, whose weights are averaged into one model.

They begin at the same weights, so that their ends lie in one valley and the mean of the weights does about what the
mean of the answers would, at the price of one model.
Source: Wortsman et al. 2022, "Model soups", section 3, the uniform soup.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from feelscope.models.towers import Towers
from feelscope.progress import Progress
from feelscope.train import checkpoint, tuning
from feelscope.train.corpus import Corpus
from feelscope.train.fit import Fitted, fit
from feelscope.train.recipe import Recipe

_FOLDER = "training-"  # and its number, within the model's folder
_SEEDS_APART = 1000  # so that the draws of one soup's trainings are not those of the next seed's


def fit_soup(
    towers: Callable[[], Towers], corpus: Corpus, recipe: Recipe, out: Path, *, resume: bool, progress: Progress
) -> Fitted:
    """Train `recipe.trainings` times from the same beginning and average what comes out; one training is `fit`.

    Returns:
        The mean of the weights; the temperature that suits it; all epochs, then the mean's scores on the tuning part.
    """

    def one(recipe: Recipe, folder: Path, progress: Progress) -> Fitted:
        # A finished training is resumed too: its weights are read from its checkpoint in a moment.
        there = resume and (folder / checkpoint.FILE).exists()
        return fit(towers(), corpus, recipe, folder, resume=there, progress=progress)

    if recipe.trainings == 1:
        return one(recipe, out, progress)
    fitted = []
    for number in range(recipe.trainings):
        folder = out / f"{_FOLDER}{number + 1}"
        folder.mkdir(exist_ok=True)
        seeded = replace(recipe, seed=recipe.seed + number * _SEEDS_APART)
        fitted.append(one(seeded, folder, _named(progress, number + 1)))
    mean = average([one.towers for one in fitted])
    history = [
        {"part": f"training {number}", **record} for number, one in enumerate(fitted, 1) for record in one.history
    ]
    temperature = recipe.temperature
    if answers := tuning.answer(mean, corpus.tuning, corpus.trunk):
        history.append({"part": "their mean", **tuning.scores(answers)})
        temperature = tuning.fit_temperature(answers)
    return Fitted(mean, temperature, history, round(sum(one.epochs for one in fitted) / len(fitted)))


def folders(out: Path) -> list[Path]:
    """Where each training of a soup has its checkpoint."""
    return list(out.glob(f"{_FOLDER}*"))


def average(networks: list[Towers]) -> Towers:
    """The first network, with the mean of all networks' weights."""
    states = [network.state_dict() for network in networks]
    with torch.no_grad():
        for name, value in states[0].items():
            if value.is_floating_point():
                value.copy_(torch.stack([state[name] for state in states]).mean(dim=0))
    return networks[0]


def _named(progress: Progress, number: int) -> Progress:
    def named(stage: str, done: int, total: int, detail: str) -> None:
        progress(f"{stage} {number}", done, total, detail)

    return named
