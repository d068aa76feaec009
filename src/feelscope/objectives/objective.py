"""The contract of every objective: what a network says of a batch, in; a loss, out.

    loss(outputs, batch)   a scalar to descend
    loss_of_step(network, batch)   the same, for the outermost objective, if it reads posts in a way of its own
    per_post(...)          the same of each post, (B,), for objectives that weigh posts or combinations of modalities
    parameters()           of its own, a head say; they learn at the rate of [steps]
    after_step(network, rate)   what is done to the weights once the optimiser has moved them, a proximal step say
    measures(network)      what the record of an epoch says of the network beside its scores
    unlabelled             whether each batch has to bring posts without labels, `batch.unlabelled`

Objectives wrap one another: `AllCombinations(Distillation(LabelObjective()))` asks what `LabelObjective` asks, partly
of a teacher, of every combination of modalities.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from feelscope.encoders.encoded_posts import EncodedPosts, Present
from feelscope.models.network import Network

Rate = Callable[[nn.Parameter], float]  # the learning rate by which a step moved a weight


@dataclass(frozen=True, slots=True)
class Batch:
    """What one training step sees.

    Args:
        posts: B of them.
        draws: The step's own random numbers, so that a resumed training draws the same.
        unlabelled: Posts whose labels mean nothing; None where no objective needs them.
        progress: The share of the training's steps that are done, from 0 to 1.
    """

    posts: EncodedPosts
    draws: np.random.Generator
    unlabelled: EncodedPosts | None = None
    progress: float = 1.0


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a network says of a batch's posts; the fusion is asked when somebody wants to know.

    Args:
        vectors: By modality, (B, D).
        present: By modality, (B,), what of it the fusion may use.
    """

    network: Network
    vectors: dict[str, torch.Tensor]
    present: Present

    def logits(self) -> torch.Tensor:
        """The fusion's outputs (B, F), over emotions or their subclasses."""
        return self.network.fused(self.vectors, self.present)

    def features(self) -> torch.Tensor:
        """What the fusion's last layer takes, (B, H)."""
        return self.network.features(self.vectors, self.present)

    def emotions(self, logits: torch.Tensor) -> torch.Tensor:
        """Those outputs over emotions, (B, K)."""
        return self.network.emotions(logits)

    def seeing(self, present: Present) -> "Outputs":
        """The same vectors, of which the fusion may use others."""
        return replace(self, present=present)


class Objective(nn.Module):
    """What a training descends; `loss` is the mean of `per_post` unless an objective says otherwise."""

    unlabelled = False  # whether this objective itself needs posts without labels

    @property
    def needs_unlabelled(self) -> bool:
        """Whether this objective, or one that it wraps, needs posts without labels."""
        return any(objective.unlabelled for objective in self.modules() if isinstance(objective, Objective))

    def loss_of_step(self, network: Network, batch: Batch) -> torch.Tensor:
        """What a step descends, a scalar: the loss of the batch's posts, unless an objective reads posts by itself."""
        return self.loss(Outputs(network, network.vectors(batch.posts.inputs), batch.posts.present), batch)

    def loss(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """A scalar."""
        return self.per_post(outputs, batch).mean()

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """The loss of each post, (B,)."""
        raise NotImplementedError(f"{type(self).__name__} has no loss by post; it cannot be wrapped")

    def after_step(self, network: Network, rate: Rate) -> None:
        """What the objectives that are wrapped do to the weights; by itself, nothing."""
        for objective in self.children():
            if isinstance(objective, Objective):
                objective.after_step(network, rate)

    def measures(self, network: Network) -> dict[str, float]:
        """What the objectives that are wrapped measure; by itself, nothing."""
        return {
            name: value
            for objective in self.children()
            if isinstance(objective, Objective)
            for name, value in objective.measures(network).items()
        }
