"""Delta embedding: word vectors that stay where they are unless a word earns its move.

    vectors = file's vectors + delta                                                                (1)
    loss    = loss of the task + c * sum over words (Euclidean norm of the word's delta)            (2)

The sum of norms makes the deltas of most words exactly zero and keeps the others short. Its gradient is not defined at
zero, and descending it would leave every delta a little off zero. So the sum is left out of what is descended, and
follows each step of the optimiser as its proximal step, for the words of the batch and all others:

    delta <- delta * max(0, 1 - rate * c / norm of delta)

Source: "Delta Embedding Learning", arXiv 1812.04160, equations 1 and 2. The proximal step is ours; it is exact for
plain gradient descent, and with Adam takes the same rate for every number. c = 0 is full fine-tuning; where c is large
enough no vector moves, as with `train_words = false`.
"""

import torch

from feelscope.encoders.word_average import WordLookup
from feelscope.models.network import Network
from feelscope.objectives.objective import Batch, Objective, Outputs, Rate
from feelscope.objectives.settings import DeltaSettings


class DeltaEmbedding(Objective):
    """An objective under which word vectors learn by deltas, most of which are zero.

    Args:
        objective: The task.
        network: New, with the vectors of the file.
    """

    def __init__(self, objective: Objective, settings: DeltaSettings, network: Network):
        super().__init__()
        self.objective, self.settings = objective, settings
        self.start: torch.Tensor
        self.register_buffer("start", _vectors(network).detach().clone())  # (V, D)

    def loss(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """That of the task, a scalar."""
        return self.objective.loss(outputs, batch)

    @torch.no_grad()
    def after_step(self, network: Network, rate: Rate) -> None:
        """The proximal step of all words."""
        super().after_step(network, rate)
        vectors = _vectors(network)
        vectors.copy_(self.start + shrunk(vectors - self.start, rate(vectors) * self.settings.c))

    @torch.no_grad()
    def measures(self, network: Network) -> dict[str, float]:
        """The share of the words of the training posts whose vectors have moved."""
        moved = (_vectors(network) != self.start).any(dim=1)[1:]  # (V - 1,), without the row of unknown words
        return super().measures(network) | {"moved_words": moved.float().mean().item()}


def shrunk(delta: torch.Tensor, by: float) -> torch.Tensor:
    """Rows (V, D) that are shorter by a length; those that are no longer than it become zero."""
    norms = delta.norm(dim=1, keepdim=True)  # (V, 1)
    return delta * (1 - by / norms.clamp(min=1e-30)).clamp(min=0)


def _vectors(network: Network) -> torch.nn.Parameter:
    """The word vectors that learn, (V, D), of which the first is of unknown words."""
    lookup = network.embedders["text"].lookup
    assert isinstance(lookup, WordLookup)
    return lookup.vectors
