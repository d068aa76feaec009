"""What `embed` gives: vectors of many posts, an array for each modality and one for all together."""

from collections.abc import Mapping, Sequence
from typing import NoReturn

import numpy as np

from feelscope.config import did_you_mean
from feelscope.errors import ConfigError
from feelscope.text.counts import counted

FUSED = "fused"  # the vector of all modalities together, which the last layer takes


class Embeddings(dict[str, np.ndarray]):
    """Vectors of posts, float32 (N, D) by modality: `text`, `image` and what else the model reads, and `fused`.

    The row of a post that has no such modality, or of which it could not be read, is NaN. A model whose modalities do
    not meet before its last layer, as in late fusion, has no `fused`.

    Args:
        rows: The id of each post and its vectors (D,), by modality.
        widths: D of each; a name whose width is 0 is left out.

    Attributes:
        ids: Of the posts, in order.
    """

    def __init__(self, rows: Sequence[tuple[str, Mapping[str, np.ndarray]]], widths: Mapping[str, int]) -> None:
        self.ids = tuple(id for id, _ in rows)
        super().__init__(
            {name: np.full((len(rows), wide), np.nan, np.float32) for name, wide in widths.items() if wide}
        )
        for place, (_, vectors) in enumerate(rows):
            for name, vector in vectors.items():
                self[name][place] = vector

    def __missing__(self, name: str) -> NoReturn:
        raise ConfigError(f"no vectors of {name!r}; {did_you_mean(name, self)}")

    def __reduce__(self) -> tuple[object, ...]:
        return (_again, (self.ids, dict(self)))

    def __repr__(self) -> str:
        widths = ", ".join(f"{name} {array.shape[1]}" for name, array in self.items())
        return f"Embeddings({counted(len(self.ids), 'post')}: {widths})"


def _again(ids: tuple[str, ...], arrays: Mapping[str, np.ndarray]) -> Embeddings:
    made = Embeddings([], {})
    made.ids = ids
    made.update(arrays)
    return made
