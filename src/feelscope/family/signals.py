"""Posts as tensors: what each modality's reader takes, which post has the modality, and the labels."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch


@dataclass(frozen=True, slots=True)
class Signals:
    """N posts, encoded once.

    Args:
        inputs: By modality, fixed vectors float32 (N, D) or word ids int64 (N, T), padded with 0.
        present: By modality, float32 (N,), 1 where the post has it.
        labels: (N,), the emotion's index.
    """

    inputs: Mapping[str, torch.Tensor]
    present: Mapping[str, torch.Tensor]
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, index: torch.Tensor) -> "Signals":
        """The posts at an index (B,), in its order; word ids lose the columns that only pad."""
        inputs = {name: _without_padding(value[index]) for name, value in self.inputs.items()}
        return Signals(inputs, {name: value[index] for name, value in self.present.items()}, self.labels[index])

    def only(self, *names: str) -> "Signals":
        """All posts, with these modalities and no others."""
        return Signals({name: self.inputs[name] for name in names}, {n: self.present[n] for n in names}, self.labels)

    def without(self, name: str) -> "Signals":
        """All posts, none of which has this modality."""
        return replace(self, present={**self.present, name: torch.zeros_like(self.present[name])})

    def counts(self) -> torch.Tensor:
        """How many modalities each post has, (N,)."""
        return torch.stack(list(self.present.values())).sum(dim=0)  # (M, N) -> (N,)


def _without_padding(value: torch.Tensor) -> torch.Tensor:
    if value.dtype != torch.long:
        return value
    used = (value > 0).any(dim=0).nonzero()  # (columns, 1)
    return value[:, : int(used.max()) + 1 if len(used) else 1]  # (B, T)


def drop_modalities(present: Mapping[str, torch.Tensor], share: float, draws: torch.Generator) -> dict:
    """Take one modality, each as likely, from a share of the posts that have several; presence (B,) by modality.

    Source: the random form is modality dropout (Neverova et al. 2016, "ModDrop").
    """
    there = torch.stack(list(present.values()), dim=1)  # (B, M)
    chosen = (torch.rand(there.shape, generator=draws) * there).argmax(dim=1)  # (B,)
    loses = (torch.rand(len(there), generator=draws) < share) & (there.sum(dim=1) > 1)  # (B,)
    taken = torch.zeros_like(there).scatter_(1, chosen.unsqueeze(1), loses.unsqueeze(1).to(there.dtype))  # (B, M)
    return dict(zip(present, (there - taken).unbind(dim=1), strict=True))
