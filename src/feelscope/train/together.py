"""Several processes that train one network: each takes a share of every batch, and all make the same step.

A process knows of the others through torch.distributed, where that is set up; alone, nothing here does anything. All
have the same weights at the start and average their gradients, so they have the same weights after each step.

Source: synchronous data-parallel training, as in Li et al. 2020, "PyTorch Distributed", section 3; in one message a
step instead of buckets, which is enough for the small networks here.
"""

from collections.abc import Sequence

import torch
from torch import distributed
from torch.nn import Parameter


def place() -> tuple[int, int]:
    """The number of this process, from 0, and how many there are."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1


def mean(value: float) -> float:
    """The mean of a number over all processes; infinite or no number where one of them is."""
    _, count = place()
    if count == 1:
        return value
    total = torch.tensor([value], dtype=torch.float64)
    distributed.all_reduce(total)
    return float(total) / count


def of_first(value: float) -> float:
    """The number that the first process has."""
    _, count = place()
    if count == 1:
        return value
    given = torch.tensor([value], dtype=torch.float64)
    distributed.broadcast(given, src=0)
    return float(given)


def average_gradients(parameters: Sequence[Parameter]) -> None:
    """Give every process the mean of all gradients; a weight that none of them used has none, as alone."""
    _, count = place()
    if count == 1 or not parameters:
        return
    gradients = [torch.zeros_like(one) if one.grad is None else one.grad.to_dense() for one in parameters]
    used = torch.tensor([float(one.grad is not None) for one in parameters], device=parameters[0].device)  # (P,)
    sent = torch.cat([used, *(gradient.reshape(-1) for gradient in gradients)])  # (P + all weights,)
    distributed.all_reduce(sent)
    used, sent = sent[: len(parameters)], sent[len(parameters) :] / count
    parts = sent.split([one.numel() for one in parameters])
    for one, is_used, part in zip(parameters, used.tolist(), parts, strict=True):
        one.grad = part.view_as(one).clone() if is_used else None
