"""The training loop, the only one: whatever is trained is a task.

A task gives batches, losses, optimisers and a score. The loop has the steps, the schedule, the moving average,
checkpoints, the guard against losses that are no numbers, the device, and the progress. What is kept is the network (or
its average) of the best epoch; without a score, of the last.

Every random draw comes from the seed and the step, so that one seed gives one result on one kind of processor and
number of threads, and a resumed training gives the same as an uninterrupted one.
"""

import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel

from feelscope.errors import ModelError
from feelscope.progress import Progress
from feelscope.train import together
from feelscope.train.checkpoint import Checkpoint
from feelscope.train.device import CPU, moved, seed_draws
from feelscope.train.recipe import StepSettings

_SECONDS_PER_CHECKPOINT = 60.0


class Task(Protocol):
    """What is trained: a classifier, a writer, two networks against each other.

    Its modules are moved to the device before `optimizers` is asked, and each batch before `losses`; data of its own a
    task moves to where the batch or the network is.

    Args:
        modules: Everything that has weights, by name; all of it is in the checkpoint.
        identity: Equal for equal settings and data; a checkpoint is not continued with another.
        steps_per_epoch: Batches in an epoch.
    """

    modules: Mapping[str, nn.Module]
    identity: str
    steps_per_epoch: int

    @property
    def network(self) -> nn.Module:
        """The module that is averaged, scored and kept; one of `modules`."""

    def optimizers(self) -> list[torch.optim.Optimizer]:
        """One or several, each over the parameter groups that it moves."""

    def batches(self, epoch: int, skip: int) -> Iterator[Any]:
        """The batches of an epoch, without the first `skip`; the same every time."""

    def losses(self, batch: Any) -> Iterator[torch.Tensor]:
        """One loss for each optimiser, in their order; each is asked for once the optimiser before it has stepped."""

    def after_step(self) -> None:
        """What is done to the weights once the optimisers have moved them."""

    def score(self, network: nn.Module) -> tuple[float | None, dict[str, float]]:
        """How good the network is, the higher the better, and what the record of an epoch says of it; None: unknown."""


@dataclass(slots=True)
class State:
    """How far a training is; kept in the checkpoint as JSON."""

    epoch: int = 0
    step: int = 0  # within the epoch
    loss_sum: float = 0.0  # over the steps of this epoch
    best: float | None = None
    epochs_without_better: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)


def fit(
    task: Task,
    steps: StepSettings,
    *,
    seed: int,
    patience: int,
    folder: Path | None,
    resume: bool = False,
    device: torch.device = CPU,
    progress: Progress,
) -> list[dict[str, Any]]:
    """Train until the epochs or steps are over, or the score gets no better; leaves `task.network` with what is kept.

    All modules are on the processor in the end, wherever they learnt.

    Args:
        patience: Epochs without a better score before stopping.
        folder: Where the checkpoint and TensorBoard's files go; None keeps none.
        resume: Continue from the checkpoint in the folder, which may be from another device.
        device: Where it computes; `device.choose` gives one.
        progress: Called with stage, done, total and a detail.

    Returns:
        The record of every epoch: `epoch`, `train_loss`, and what the task says of it.

    Raises:
        ModelError: There is nothing to resume, it belongs to another training, or the loss is no number any more.
    """
    for module in task.modules.values():
        module.to(device)
    optimizers = task.optimizers()
    average = MovingAverage(task.network, steps.ema_decay) if steps.ema_decay else None
    modules = {**task.modules, **({} if average is None else {"average": average})}
    checkpoint = Checkpoint(folder, task.identity, modules, optimizers)
    state = State(**checkpoint.load()) if resume else State()
    if not resume:
        checkpoint.save(state)  # so that there is something to resume from the first step on
    total = min(task.steps_per_epoch * steps.epochs, steps.max_steps or task.steps_per_epoch * steps.epochs)
    number = state.epoch * task.steps_per_epoch + state.step  # of the next step
    schedules = [_schedule(optimizer, number, total, steps) for optimizer in optimizers]
    network = task.network if average is None else average.module
    process, _ = together.place()
    with _board(folder, number) as board:
        while number < total and state.epochs_without_better < patience:
            for batch in task.batches(state.epoch, state.step):
                if checkpoint.is_due(_SECONDS_PER_CHECKPOINT):
                    _check_weights(task, number, checkpoint)
                    checkpoint.save(state)
                # Dropout draws by the step, not by what ran before, and each process drops out something else.
                seed_draws((seed + 7919 * process) * 1_000_003 + number, device)
                loss = _step(task, moved(batch, device), schedules, steps, checkpoint, number)
                if average is not None:
                    average.update_parameters(task.network)
                number, state.step, state.loss_sum = number + 1, state.step + 1, state.loss_sum + loss
                board.add_scalar("loss/training", loss, number - 1)
                progress("training", number, total, f"epoch {state.epoch + 1}, loss {loss:.3f}{_best(state)}")
                if number == total:
                    break
            _check_weights(task, number, checkpoint)
            _end_epoch(task, state, network, checkpoint)
            number = state.epoch * task.steps_per_epoch
            _show(board, state.history[-1])
    checkpoint.save(state)
    task.network.load_state_dict(checkpoint.best or network.state_dict())
    for module in modules.values():
        module.to(CPU)
    return state.history


def _step(
    task: Task,
    batch: Any,
    schedules: list[LambdaLR],
    steps: StepSettings,
    checkpoint: Checkpoint,
    number: int,
) -> float:
    """One step of every optimiser in turn; returns the sum of the losses."""
    for module in task.modules.values():
        module.train()
    total = 0.0
    for schedule, loss in zip(schedules, task.losses(batch), strict=True):
        optimizer, value = schedule.optimizer, together.mean(float(loss.detach()))
        if not math.isfinite(value):
            raise _diverged(f"loss is {value}", number + 1, checkpoint)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        moved = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        together.average_gradients(moved)
        if steps.max_grad_norm:
            nn.utils.clip_grad_norm_(moved, steps.max_grad_norm)
        optimizer.step()
        total += value
    task.after_step()
    for schedule in schedules:  # only now: what follows a step has its learning rates
        schedule.step()
    return total


def _end_epoch(task: Task, state: State, network: nn.Module, checkpoint: Checkpoint) -> None:
    """Score the network of this epoch, remember it if it is the best so far, and go to the next."""
    score, scores = task.score(network)
    state.history.append({"epoch": state.epoch + 1, "train_loss": state.loss_sum / max(1, state.step)} | scores)
    if score is not None:
        state.epochs_without_better += 1
        if state.best is None or score > state.best:
            state.best, state.epochs_without_better = score, 0
            checkpoint.remember_best(network)
    state.epoch, state.step, state.loss_sum = state.epoch + 1, 0, 0.0


def _best(state: State) -> str:
    return "" if state.best is None else f", best score {state.best:.3f}"


def _check_weights(task: Task, step: int, checkpoint: Checkpoint) -> None:
    """Refuse weights that are not numbers, before a checkpoint or a model holds them."""
    for module in task.modules.values():
        if not all(parameter.isfinite().all() for parameter in module.parameters()):
            raise _diverged("weights are not numbers", step, checkpoint)


def _diverged(what: str, step: int, checkpoint: Checkpoint) -> ModelError:
    advice = "train again in a new folder, with a lower learning rate"
    return ModelError(f"the {what} at step {step}: {advice}{checkpoint.last_good}")


def _schedule(optimizer: torch.optim.Optimizer, number: int, total: int, steps: StepSettings) -> LambdaLR:
    """The learning rates from the step `number` on."""
    for group in optimizer.param_groups:
        group["initial_lr"] = group["lr"]
    return LambdaLR(optimizer, lambda step: rate(step, total, steps), last_epoch=number - 1)


def rate(step: int, total: int, steps: StepSettings) -> float:
    """The share of the top learning rate at a step, from 0 on."""
    if steps.schedule == "linear":  # up in a straight line, then down to zero
        rising = max(1, round(total * steps.warm_up))
        return max(0.0, min((step + 1) / rising, (total - step) / max(1, total - rising)))
    return 0.5 ** (step // steps.lr_halving_steps) if steps.lr_halving_steps else 1.0


def ema_share(decay: float, updates: int) -> float:
    """How much of a moving average stays at its update number 0, 1, ...; the first weights are forgotten soon."""
    return min(decay, (1 + updates) / (10 + updates))


class MovingAverage(AveragedModel):
    """An exponential moving average of a network's weights, of which the weights at the start are the first.

    Args:
        decay: How much of the average stays at each update.
    """

    def __init__(self, network: nn.Module, decay: float):
        super().__init__(network, multi_avg_fn=self._move)
        self.requires_grad_(False)
        self.n_averaged.fill_(1)
        self._decay = decay

    def _move(self, averaged: Any, current: Any, count: Any) -> None:
        torch._foreach_lerp_(averaged, current, 1 - ema_share(self._decay, int(count) - 1))


def show_epochs(history: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write the records of a training's epochs for TensorBoard, those of several networks by their names.

    Args:
        folder: Where `tensorboard` goes, for a training that kept nothing while it ran.
    """
    with _board(folder, 0) as board:
        for record in history:
            if "epoch" in record:  # the mean of several networks has none
                _show(board, record)


def _show(board: Any, record: Mapping[str, Any]) -> None:
    """The scalars of one epoch."""
    of = f" {record['network']}" if "network" in record else ""
    for name, value in record.items():
        if name not in ("epoch", "network"):
            board.add_scalar(f"by epoch{of}/{name}", value, record["epoch"])


class _NoBoard:
    """Stands in for TensorBoard's writer where nothing is kept."""

    def add_scalar(self, name: str, value: float, step: int) -> None:
        """Keep nothing."""


@contextmanager
def _board(folder: Path | None, step: int) -> Iterator[Any]:
    """TensorBoard's writer; what it has of later steps, from before a kill, is dropped."""
    if folder is None:
        yield _NoBoard()
        return
    from torch.utils.tensorboard import SummaryWriter

    shown, threading.excepthook = threading.excepthook, lambda failed: None  # its thread's error is raised here again
    try:
        with SummaryWriter(str(folder / "tensorboard"), purge_step=step) as board:
            yield board
    finally:
        threading.excepthook = shown
