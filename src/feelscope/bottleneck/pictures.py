"""Pictures to learn a bottleneck from: their vectors, what people said of them, and their labels.

Several labels of one picture are those of the experiment of Bucher's two chains.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch

from feelscope.errors import TableError


@dataclass(frozen=True, slots=True)
class Pictures:
    """N pictures.

    Args:
        vectors: (N, D), as the image encoder gives them.
        captions: Of each, the words of one caption or of several.
        said: Of each, all words that are said of it.
        labels: int64 (N,), the emotion's index; or float32 (N, K), 1 for each label that a picture has.
    """

    vectors: torch.Tensor
    captions: Sequence[Sequence[Sequence[str]]]
    said: Sequence[Collection[str]]
    labels: torch.Tensor

    def __post_init__(self) -> None:
        """Refuse pictures that do not match what is said of them."""
        assert len({len(self.vectors), len(self.captions), len(self.said), len(self.labels)}) == 1

    def __len__(self) -> int:
        return len(self.vectors)

    def rows(self, index: Sequence[int]) -> "Pictures":
        """The pictures at some positions, in that order."""
        at = torch.tensor(list(index), dtype=torch.long)
        captions, said = ([values[row] for row in index] for values in (self.captions, self.said))
        return Pictures(self.vectors[at], captions, said, self.labels[at])  # type: ignore[arg-type]

    def check(self) -> None:
        """Refuse pictures of which nothing is said.

        Raises:
            TableError: There is no picture, or no caption of any.
        """
        if not len(self) or not any(words for captions in self.captions for words in captions):
            raise TableError("no post has both a picture and words about it, which a bottleneck learns from; add some")
