"""SECRET: beside the labels, the features learn to find the label's word vector.

    loss = labels' loss + weight * |place of the features - vector of the label's words|^2

Source: SECRET, arXiv 1905.12356 (regressors into the space of the labels' words); the loss and its weight are ours.
Relations: `models/label_space.py` joins both answers. Where vectors of unlike emotions are alike, as those of "joy" and
"anger" often are, there is little to learn from them: compare with permuted labels (`permute`).
"""

import numpy as np
import torch

from feelscope.errors import WordsError
from feelscope.objectives.objective import Batch, Objective, Outputs
from feelscope.objectives.settings import SecretSettings
from feelscope.text.tokens import split
from feelscope.words.word_vectors import WordVectors


class Secret(Objective):
    """The labels, and the place of each post among the labels' word vectors.

    Args:
        objective: The classification.
    """

    def __init__(self, objective: Objective, settings: SecretSettings):
        super().__init__()
        self.objective, self.settings = objective, settings

    def per_post(self, outputs: Outputs, batch: Batch) -> torch.Tensor:
        """(B,)."""
        space = outputs.network.label_space
        assert space is not None, "the recipe has [secret]"
        distances = space.distances(outputs.features())  # (B, K)
        own = distances.gather(1, batch.posts.labels.unsqueeze(1))[:, 0]  # (B,)
        return self.objective.per_post(outputs, batch) + self.settings.weight * own


def label_vectors(emotions: tuple[str, ...], vectors: WordVectors, settings: SecretSettings, seed: int) -> np.ndarray:
    """The mean vector of each emotion's words, float32 (K, D), each of length one.

    Args:
        seed: Of the permutation, as a control.

    Raises:
        WordsError: An emotion has no word with a vector.
    """
    rows = []
    for emotion in emotions:
        known = [word for word in split(emotion.replace("_", " ")) if word in vectors]
        if not known:
            raise WordsError(
                f"secret: no word of the emotion {emotion!r} has a vector; give other vectors with --words FILE, or "
                "call the emotion by a more common word"
            )
        row = vectors.vectors[vectors.rows(known)].mean(axis=0)
        rows.append(row / max(float(np.linalg.norm(row)), 1e-12))
    table = np.stack(rows).astype(np.float32)  # (K, D)
    return table[np.random.default_rng(seed).permutation(len(table))] if settings.permute else table
