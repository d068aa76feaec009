"""From an encoded corpus to a fitted network: which trainings make one model.

    fit_classifier   as often as `trainings` says, from the same weights, then the mean of the weights: a soup
    fit_once         the loop; of late fusion once for each modality
    refit            once more on every post, for as many epochs as were right

A soup's trainings differ only in their draws, so that they end in one valley, and the mean of their weights does about
what the mean of their answers would, at the price of one model.

Source: Wortsman et al. 2022, "Model soups", section 3, the uniform soup. Refit: usual practice, as in scikit-learn's
searches; that temperature and calibration stay is ours.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from feelscope.errors import ModelError
from feelscope.models.late import LateFusion
from feelscope.models.network import Network
from feelscope.progress import Progress
from feelscope.saved_model.calibration import Calibrations
from feelscope.train import checkpoint, loop, selection
from feelscope.train.classifier_task import ClassifierTask
from feelscope.train.device import CPU
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.recipe import Recipe

CHOOSING = "choosing"  # the first training's folder within the model's, where there is a refit
_SEEDS_APART = 1000  # so that the draws of one soup's trainings are not those of the next seed's


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a training made, and how it was chosen.

    Args:
        network: Of the chosen epoch.
        temperature: Of the probabilities.
        history: One dict an epoch; with `network`, of several networks in turn.
        epochs: How many were right, by network: each modality's of late fusion, else under the empty name.
        calibration: What combinations of modalities need beyond the temperature; empty without a validation split.
        on_all: Whether the validation split was trained on too, once the choices were made.
    """

    network: Network
    temperature: float
    history: list[dict[str, Any]]
    epochs: Mapping[str, int]
    calibration: Calibrations = field(default_factory=Calibrations)
    on_all: bool = False


class Trained(NamedTuple):
    """One training: its network, the record of its epochs, and how many were right, as `Fitted` has them."""

    network: Network
    history: list[dict[str, Any]]
    epochs: dict[str, int]


def fit_classifier(
    recipe: Recipe,
    corpus: EncodedCorpus,
    folder: Path | None,
    *,
    epochs: Mapping[str, int] | None = None,
    resume: bool = False,
    device: torch.device = CPU,
    progress: Progress,
) -> Fitted:
    """Train as often as the recipe says and average the weights.

    Args:
        folder: For checkpoints; None keeps none.
        epochs: As `Fitted` has them; None takes the recipe's.
        resume: Continue what has a checkpoint there; a finished training is read from it.
        device: Where it computes; what comes back is on the processor.

    Returns:
        The mean of the weights; the temperature that suits it; all epochs, then the mean's scores.

    Raises:
        ModelError: The loss is no number any more, or the checkpoint belongs to another training.
        TableError: There are no posts to train on.
    """
    if recipe.choices.trainings == 1:
        network, history, best = fit_once(
            recipe, corpus, folder, draws=recipe.seed, epochs=epochs, resume=resume, device=device, progress=progress
        )
    else:
        network, history, best = _fit_soup(
            recipe, corpus, folder, epochs=epochs, resume=resume, device=device, progress=progress
        )
    selection.weigh_label_space(network, corpus.validation)
    answers = selection.answer_combinations(network, corpus.validation)
    if answers and recipe.choices.trainings > 1:
        history.append({"network": "their mean", **selection.scores(answers)})
    temperature = selection.fit_temperature(answers) if answers else recipe.choices.temperature
    calibration = selection.calibrate(network, corpus.validation, temperature) if answers else Calibrations()
    return Fitted(network.eval(), temperature, history, best, calibration)


def _fit_soup(
    recipe: Recipe,
    corpus: EncodedCorpus,
    folder: Path | None,
    *,
    epochs: Mapping[str, int] | None,
    resume: bool,
    device: torch.device,
    progress: Progress,
) -> Trained:
    """Several trainings, and the means of their weights and of their epochs."""
    trained = []
    for number in range(1, recipe.choices.trainings + 1):
        draws = recipe.seed + (number - 1) * _SEEDS_APART
        within = _within(folder, f"training-{number}")
        numbered = named(progress, f" {number}")
        trained.append(
            fit_once(
                recipe, corpus, within, draws=draws, epochs=epochs, resume=resume, device=device, progress=numbered
            )
        )
    history = [
        {"network": f"training {number}", **record}
        for number, training in enumerate(trained, 1)
        for record in training.history
    ]
    best = {
        name: round(sum(training.epochs[name] for training in trained) / len(trained)) for name in trained[0].epochs
    }
    return Trained(average([training.network for training in trained]), history, best)


def fit_once(
    recipe: Recipe,
    corpus: EncodedCorpus,
    folder: Path | None,
    *,
    draws: int,
    epochs: Mapping[str, int] | None = None,
    resume: bool,
    device: torch.device = CPU,
    progress: Progress,
) -> Trained:
    """Train once.

    Args:
        draws: The seed of order, dropout and the like; the recipe's own decides the first weights.
        epochs: As `Fitted` has them; None takes the recipe's.
    """
    if recipe.fusion.model == "late":
        return _fit_late(
            recipe, corpus, folder, draws=draws, epochs=epochs, resume=resume, device=device, progress=progress
        )
    number = None if epochs is None else epochs[""]
    network, history = _run(
        recipe, corpus, folder, draws=draws, epochs=number, resume=resume, device=device, progress=progress
    )
    return Trained(network, history, {"": _best_epoch(history)})


def _fit_late(
    recipe: Recipe,
    corpus: EncodedCorpus,
    folder: Path | None,
    *,
    draws: int,
    epochs: Mapping[str, int] | None,
    resume: bool,
    device: torch.device,
    progress: Progress,
) -> Trained:
    """Each modality's classifier on the posts that have it, with an epoch of its own."""
    networks: dict[str, Network] = {}
    history: list[dict[str, Any]] = []
    best = {}
    for name in corpus.encoders:
        networks[name], records = _run(
            recipe,
            corpus.only(name),
            _within(folder, f"late-{name}"),
            draws=draws,
            epochs=None if epochs is None else epochs[name],
            resume=resume,
            device=device,
            progress=named(progress, f" on {name}"),
        )
        history += [{"network": name, **record} for record in records]
        best[name] = _best_epoch(records)
    embedders = {name: network.embedders[name] for name, network in networks.items()}
    fusion = LateFusion({name: _model_of(network, name) for name, network in networks.items()})
    attention = networks["emoji"].attention if "emoji" in networks else None
    return Trained(Network(embedders, fusion, next(iter(networks.values())).subclasses, attention), history, best)


def _model_of(network: Network, name: str) -> nn.Module:
    assert isinstance(network.fusion, LateFusion)
    return network.fusion.models[name]


def _run(
    recipe: Recipe,
    corpus: EncodedCorpus,
    folder: Path | None,
    *,
    draws: int,
    epochs: int | None,
    resume: bool,
    device: torch.device,
    progress: Progress,
) -> tuple[Network, list[dict[str, Any]]]:
    """The loop, once; a training that never began is not resumed but begun."""
    if epochs is not None:
        recipe = replace(recipe, steps=replace(recipe.steps, epochs=epochs))
    task = ClassifierTask(recipe, corpus, draws)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    history = loop.fit(
        task,
        recipe.steps,
        seed=draws,
        patience=recipe.choices.patience,
        folder=folder,
        resume=resume and folder is not None and (folder / checkpoint.FILE).exists(),
        device=device,
        progress=progress,
    )
    return task.network, history


def refit(
    recipe: Recipe,
    chosen: Fitted,
    whole: EncodedCorpus,
    folder: Path,
    *,
    resume: bool,
    device: torch.device = CPU,
    progress: Progress,
) -> Fitted:
    """Train on every post for as many epochs as were right.

    Posts of one archive are often near-duplicates of each other, so a tenth more of them is worth the time.

    Args:
        chosen: What was trained without the validation split.
        whole: The same posts with nothing kept apart.

    Returns:
        The second training's weights, with the first one's temperature, calibration and history.
    """
    on_all = named(progress, " on all posts")
    fitted = fit_classifier(recipe, whole, folder, epochs=chosen.epochs, resume=resume, device=device, progress=on_all)
    if fitted.network.label_space is not None and chosen.network.label_space is not None:
        for name in ("share", "softness"):
            getattr(fitted.network.label_space, name).copy_(getattr(chosen.network.label_space, name))
    return replace(chosen, network=fitted.network, epochs=fitted.epochs, on_all=True)


def check_resumed(folder: Path, *, refits: bool) -> None:
    """Refuse to resume with a refit what began without one, or the reverse: posts to score came or went.

    Raises:
        ModelError: It began the other way.
    """
    chose = checkpoint.has_begun(folder / CHOOSING)
    if checkpoint.has_begun(folder) and chose != refits:
        dev = "with posts to score; give the same --dev TABLE" if chose else "without posts to score; leave --dev out"
        raise ModelError(f"{folder}: this training began {dev}, or train in a new folder")


def remove_checkpoints(folder: Path) -> None:
    """Delete the checkpoints of a finished training and the folders within it, but for what TensorBoard shows."""
    for board in [path for path in folder.rglob("tensorboard") if path.parent != folder]:
        (folder / "tensorboard").mkdir(exist_ok=True)
        board.rename(folder / "tensorboard" / "-".join(board.parent.relative_to(folder).parts))
    for path in folder.rglob(f"{checkpoint.FILE}*"):
        path.unlink()
    for path in (folder / CHOOSING, folder / checkpoint.FOLDS, *folder.glob("training-*"), *folder.glob("late-*")):
        shutil.rmtree(path, ignore_errors=True)


def average(networks: list[Network]) -> Network:
    """The first network, with the mean of all networks' weights."""
    states = [network.state_dict() for network in networks]
    with torch.no_grad():
        for name, value in states[0].items():
            if value.is_floating_point():
                value.copy_(torch.stack([state[name] for state in states]).mean(dim=0))
    return networks[0]


def _best_epoch(history: list[dict[str, Any]]) -> int:
    """The epoch of the best score; without scores the last."""
    return max(history, key=lambda record: record.get(selection.SCORE, record["epoch"]))["epoch"]


def _within(folder: Path | None, name: str) -> Path | None:
    """A folder within the run's."""
    return None if folder is None else folder / name


def named(progress: Progress, suffix: str) -> Progress:
    """The same progress, whose stages say which training they are of."""
    return lambda stage, done, total, detail: progress(f"{stage}{suffix}", done, total, detail)
