"""The second task of common space fusion: a picture closer to its own words than to words of other emotions.

    d(a, b) = Euclidean distance of two vectors of the common space
    pair    = - sum over j = 1..g of log( exp(-d(i, s+)) / (exp(-d(i, s+)) + exp(-d(i, s_j-))) )       (13)
            =   sum over j = 1..g of log(1 + exp(d(i, s+) - d(i, s_j-)))
    loss    = lambda * cross entropy + pair                                                            (14)

i is a post's picture, s+ its own words, s_j- the words of g posts of other emotions, drawn again each step.

Source: Duong, Lebret, Aberer 2017, equations 13 and 14. What the paper leaves open is ours: the distance (Euclidean, as
in Hoffer et al. 2016, whose loss it is), the mean over a batch in the place of a sum over posts, that negatives are
drawn with replacement and each post alike, and what a third modality does (it has a pair with the words of its own).
"""

import numpy as np
import torch
from torch.nn import functional as F

from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.errors import TableError
from feelscope.models.common_space import CommonSpaceFusion
from feelscope.objectives.objective import Batch, Objective, Outputs
from feelscope.objectives.settings import CommonSpaceSettings

_TINY = 1e-12  # under the root, whose slope at zero is infinite


class CommonSpace(Objective):
    """Equation 14: the classification and, for every modality that is not the anchor, the second task.

    Args:
        objective: The classification.
        posts: The training's, of which negatives are drawn.
        anchor: The modality whose space is the common one.

    Raises:
        TableError: The posts with the anchor have one emotion.
    """

    def __init__(self, objective: Objective, settings: CommonSpaceSettings, posts: EncodedPosts, anchor: str):
        super().__init__()
        self.objective, self.settings, self.posts, self.anchor = objective, settings, posts, anchor
        anchored = posts.present[anchor].nonzero()[:, 0].numpy()
        try:
            self._others = OtherEmotions(posts.labels.numpy()[anchored], anchored)
        except ValueError:
            raise TableError(
                f"the posts with {anchor} that are trained on have one emotion, and common_space needs such posts of "
                "two; give another table or recipe"
            ) from None

    def loss(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """A scalar; pairs are of whole posts, whatever the classification drops."""
        main = self.objective.loss(outputs, batch)
        drawn = self._others.draw(batch.posts.labels.cpu().numpy(), self.settings.negatives, batch.draws)  # (B, g)
        texts = self.posts.rows(torch.from_numpy(drawn.reshape(-1))).inputs[self.anchor]  # (B * g, ...)
        texts = texts.to(batch.posts.labels.device)
        negatives = outputs.network.embedders[self.anchor](texts).reshape(*drawn.shape, -1)  # (B, g, D)
        fusion = outputs.network.fusion
        assert isinstance(fusion, CommonSpaceFusion)
        common = fusion.in_common_space(outputs.network.joined(outputs.vectors, outputs.present))
        present = dict(outputs.present)
        if "image" in present:  # a borrowed picture makes no pair
            present["image"] = present["image"] * (1 - batch.posts.borrowed)
        own, has_own = common.pop(self.anchor), present[self.anchor]  # (B, D), (B,)
        pairs = [pair_loss(other, own, negatives, has_own * present[name]) for name, other in common.items()]
        return self.settings.main_weight * main + torch.stack(pairs).sum()


def distance(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """The Euclidean distance of vectors (..., D): (...)."""
    return ((first - second).square().sum(dim=-1) + _TINY).sqrt()


def pair_loss(image: torch.Tensor, text: torch.Tensor, negatives: torch.Tensor, complete: torch.Tensor) -> torch.Tensor:
    """Equation 13, the mean over the posts of a batch that have both, a scalar; 0 where none has.

    Args:
        image: (B, D), text: (B, D), of the same posts in the common space.
        negatives: (B, g, D), texts of other emotions.
        complete: (B,), 1 for posts with both.
    """
    near = distance(image, text).unsqueeze(1)  # (B, 1)
    far = distance(image.unsqueeze(1), negatives)  # (B, g)
    each = F.softplus(near - far).sum(dim=1)  # (B,)
    return (each * complete).sum() / complete.sum().clamp(min=1)


class OtherEmotions:
    """Draws posts of other emotions.

    Args:
        labels: (N,), the emotion of each post that may be drawn.
        posts: (N,), its number.

    Raises:
        ValueError: All posts have one emotion.
    """

    def __init__(self, labels: np.ndarray, posts: np.ndarray):
        self._others = {int(label): posts[labels != label] for label in np.unique(labels)}
        self._all = posts
        if any(not len(others) for others in self._others.values()) or not len(posts):
            raise ValueError("negatives need posts of two emotions")

    def draw(self, labels: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
        """For each of (B,) labels, `count` posts of other emotions: numbers (B, count)."""
        pools = [self._others.get(int(label), self._all) for label in labels]
        return np.stack([pool[random.integers(len(pool), size=count)] for pool in pools])  # (B, count)
