"""Trainings side by side, one processor core each: the networks are too small to share cores among their steps."""

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import partial

import torch

from feelscope.compare.estimator import Estimator
from feelscope.compare.estimator_training import train_estimator
from feelscope.compare.material import Material
from feelscope.compare.training import Outcome, train_once
from feelscope.progress import Progress, silent
from feelscope.train.device import CPU
from feelscope.train.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Job:
    """One training that is to be done."""

    name: str
    recipe: Recipe | Estimator
    seed: int

    def __str__(self) -> str:
        return f"{self.name}, seed {self.seed}"


def run(
    jobs: Sequence[Job],
    material: Material,
    rates: tuple[float, ...],
    processes: int,
    progress: Progress,
    device: torch.device = CPU,
) -> Iterator[tuple[Job, Outcome]]:
    """Do the jobs, each with its outcome as soon as it is there.

    Args:
        processes: How many at a time; 1 does them here.
        progress: Called with the job and how far it is, where that is done here.
    """
    if min(processes, len(jobs)) < 2:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # as in the other processes, so that the result is the same
        try:
            for job in jobs:
                within = partial(_report, progress, job)
                yield job, _done(job, material, rates, within, device)
        finally:
            torch.set_num_threads(threads)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy torch's threads in an undefined state
    with ProcessPoolExecutor(min(processes, len(jobs)), context, _start, (material, rates, device)) as pool:
        waiting: dict[Future[Outcome], Job] = {pool.submit(_work, job): job for job in jobs}
        try:
            while waiting:
                for done in wait(waiting, return_when=FIRST_COMPLETED).done:
                    yield waiting.pop(done), done.result()
        except BaseException:  # Ctrl+C, say: what runs is not waited for
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _report(progress: Progress, job: Job, stage: str, done: int, total: int, detail: str) -> None:
    progress(str(job), done, total, detail)


_given: list[tuple[Material, tuple[float, ...], torch.device]] = []  # of this process


def _start(material: Material, rates: tuple[float, ...], device: torch.device) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it and ends the others
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    torch.set_num_threads(1)
    _given[:] = [(material, rates, device)]


def _work(job: Job) -> Outcome:
    material, rates, device = _given[0]
    return _done(job, material, rates, silent, device)


def _done(job: Job, material: Material, rates: tuple[float, ...], progress: Progress, device: torch.device) -> Outcome:
    if isinstance(job.recipe, Estimator):
        return train_estimator(job.name, job.recipe, job.seed, material, rates)
    return train_once(job.recipe, job.seed, material, rates, progress, device)
