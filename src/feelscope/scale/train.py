"""One training on many machines, by Ray Train: each worker takes a share of every batch, and all make the same step.

    N processes, each: feelscope.train.train --> the one loop, gradients averaged (train.together)
    the first one writes the run; the others theirs to a temporary folder, which goes

A worker that is lost ends the others too, and all begin again from the last checkpoint of the run.
"""

import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

from feelscope.encoders.encoder import Resources
from feelscope.errors import ConfigError, FeelscopeError, ModelError, needs_extra, one_line
from feelscope.memory import BUDGET, MEGABYTES
from feelscope.progress import Progress, silent
from feelscope.scale.cluster import ScaleError, processors_of_cluster
from feelscope.table import MOST_BROKEN
from feelscope.train import checkpoint, run_folder
from feelscope.train.recipe import Recipe
from feelscope.train.train import train as train_alone

TRIES = 3  # that fail one after the other
WAIT = 60.0  # seconds for lost machines to come back
_EVERY = 0.5  # seconds between two words of how far it is
_SILENCE = 300  # seconds without a word from another worker, after which it counts as lost


@dataclass(frozen=True, slots=True)
class Training:
    """What every worker is given; all paths are absolute, and every machine sees them.

    Args:
        megabytes: Of each worker, for posts and pictures; see `memory`.
        command: That makes the run again, for its card.
    """

    recipe: Recipe
    out: Path
    resources: Resources
    table: Path | None = None
    dev: Path | None = None
    data: Path | None = None
    columns: Mapping[str, str] | None = None
    most_broken: float = MOST_BROKEN
    megabytes: int = MEGABYTES
    command: str = ""


def train(training: Training, workers: int, *, resume: bool = False, progress: Progress = silent) -> Path:
    """Train in the cluster that this process is in.

    Args:
        workers: Each with a processor; a batch is shared among them.
        resume: Continue from the checkpoint in the run's folder, of however many workers.

    Returns:
        The run's folder.

    Raises:
        FeelscopeError: One line that says what to do.
    """
    with needs_extra("training on many machines", "scale"):
        import ray
        from ray.train.v2.api.exceptions import TrainingFailedError
    if training.recipe.bottleneck:
        raise ConfigError("bottleneck: such a recipe is trained by `feelscope train` alone")
    if training.recipe.steps.batch_size < workers:
        raise ConfigError(
            f"a batch of {training.recipe.steps.batch_size} posts is no work for {workers} workers; ask for fewer with "
            "--workers"
        )
    if not resume:
        run_folder.check_is_free(training.out)
    elif run_folder.is_finished(training.out, training.recipe):
        return training.out
    elif not checkpoint.has_begun(training.out):
        checkpoint.find(training.out)  # says that there is none
    board = _board()
    tries = TRIES
    while True:
        _wait_for(workers)
        running = ThreadPool(1).apply_async(_fit, (training, workers, board))
        before = None
        while not running.ready():
            running.wait(_EVERY)
            if (told := ray.get(board.said.remote())) and told != before:
                before = told
                progress(*told)
        if fault := ray.get(board.fault.remote()):
            raise ModelError(fault)
        try:
            running.get()
            return training.out
        except (TrainingFailedError, ray.exceptions.RayError) as error:
            tries -= 1
            if not tries:
                advice = "finished steps are kept, go on with --resume"
                raise ScaleError(
                    f"the training failed {TRIES} times in a row ({one_line(error)[:300]}); {advice}"
                ) from error


def _wait_for(workers: int) -> None:
    """Wait a while for the processors that are needed."""
    started = time.monotonic()
    while (have := processors_of_cluster()) < workers:
        if time.monotonic() - started > WAIT:
            raise ScaleError(
                f"{workers} workers need a processor each, and the cluster has {have}; start nodes, or ask for fewer "
                "with --workers"
            )
        time.sleep(_EVERY)


def _fit(training: Training, workers: int, board: Any) -> None:
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer

    with tempfile.TemporaryDirectory(dir=training.out.parent, prefix=f".{training.out.name}-ray-") as storage:
        TorchTrainer(
            _work,
            train_loop_config={"training": training, "board": board},
            torch_config=TorchConfig(backend="gloo", timeout_s=_SILENCE),
            scaling_config=ScalingConfig(num_workers=workers, resources_per_worker={"CPU": 1}),
            run_config=RunConfig(storage_path=storage, failure_config=FailureConfig(max_failures=0)),
        ).fit()


def _work(given: dict[str, Any]) -> None:
    """What each worker does."""
    from torch import distributed

    training: Training = given["training"]
    first = distributed.get_rank() == 0
    BUDGET.set(training.megabytes)
    resume = checkpoint.has_begun(training.out)
    with tempfile.TemporaryDirectory() as folder:
        out = training.out if first else Path(folder) / "run"
        if resume and not first:
            shutil.copytree(training.out, out, ignore=shutil.ignore_patterns("*.lock", "*.partial", "tensorboard"))
        distributed.barrier()  # nobody writes before all have read
        try:
            train_alone(
                training.recipe,
                out,
                table=training.table,
                dev=training.dev,
                data=training.data,
                columns=training.columns,
                resources=training.resources,
                most_broken=training.most_broken,
                resume=resume,
                command=training.command,
                progress=_telling(given["board"]) if first else silent,
            )
        except FeelscopeError as error:
            import ray

            ray.get(given["board"].fail.remote(str(error).replace(str(out), str(training.out))))
            raise
        distributed.barrier()  # the others wait until the model is saved


def _telling(board: Any) -> Progress:
    """Progress that is told now and then."""
    told = ("", 0.0)

    def tell(stage: str, done: int, total: int, detail: str) -> None:
        nonlocal told
        now = time.monotonic()
        if stage != told[0] or now - told[1] > _EVERY:
            told = (stage, now)
            board.tell.remote(stage, done, total, detail)

    return tell


class _Board:
    """What the first worker says, for whoever asks."""

    def __init__(self) -> None:
        self._said: tuple[str, int, int, str] | None = None
        self._fault = ""

    def tell(self, stage: str, done: int, total: int, detail: str) -> None:
        self._said = (stage, done, total, detail)

    def fail(self, fault: str) -> None:
        self._fault = self._fault or fault

    def said(self) -> tuple[str, int, int, str] | None:
        return self._said

    def fault(self) -> str:
        return self._fault


def _board() -> Any:
    """A board on the node of this process, which outlives the workers."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    made: Any = ray.remote(_Board)
    return made.options(num_cpus=0, scheduling_strategy=here).remote()


def absolute(resources: Resources) -> Resources:
    """The same files by absolute paths, for processes with another working folder."""
    given = {name: getattr(resources, name) for name in ("cache", "words", "weights", "emoji")}
    return replace(resources, **{name: path.absolute() for name, path in given.items() if path is not None})
