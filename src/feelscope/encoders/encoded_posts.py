"""Posts as tensors: each modality's inputs and presence, the labels, and what else is known of a post.

Everything is indexed by post, so that a batch is some rows of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import torch

from feelscope.post import combinations_of

_LEAST = 20  # posts of a combination with emoji that is scored; ours

Present = Mapping[str, torch.Tensor]  # by modality, float32 (N,), 1 where the post has it


@dataclass(frozen=True, slots=True)
class EncodedPosts:
    """N posts, encoded once; `encoded_posts` makes them.

    Args:
        inputs: By modality, what its encoder's `encode` gave, (N, ...).
        present: By modality, float32 (N,), 1 where the post has it.
        labels: int64 (N,), the emotion's index.
        subclasses: int64 (N,), the index of the emotion's subclass; -1 where only the emotion is known.
        taught: float32 (N, K), a teacher's probabilities; rows of zeros, or no columns, where none was asked.
        tables: int64 (N,), the number of the table that the post is from.
        hard: float32 (N, K), 1 where the post is a hard negative of an emotion; no columns where none was looked for.
        borrowed: float32 (N,), 1 where the picture is another post's and says nothing about the label.
    """

    inputs: Mapping[str, torch.Tensor]
    present: Present
    labels: torch.Tensor
    subclasses: torch.Tensor
    taught: torch.Tensor
    tables: torch.Tensor
    hard: torch.Tensor
    borrowed: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, index: torch.Tensor) -> "EncodedPosts":
        """The posts at an index (B,), in its order; token ids lose the columns that only pad."""
        inputs = {name: _without_padding(value[index]) for name, value in self.inputs.items()}
        present = {name: value[index] for name, value in self.present.items()}
        return EncodedPosts(inputs, present, *(getattr(self, name)[index] for name in _PLAIN))

    def only(self, *names: str) -> "EncodedPosts":
        """All posts, with these modalities and no others."""
        inputs = {name: self.inputs[name] for name in names}
        return replace(self, inputs=inputs, present={name: self.present[name] for name in names})

    def without(self, name: str) -> "EncodedPosts":
        """All posts, none of which has this modality."""
        return replace(self, present=without(self.present, name))

    def counts(self) -> torch.Tensor:
        """How many modalities each post has, (N,)."""
        return torch.stack(list(self.present.values())).sum(dim=0)  # (M, N) -> (N,)

    def lengths(self) -> torch.Tensor:
        """How many tokens each post has, (N,); zeros where no modality is read by tokens."""
        ids = [value for value in self.inputs.values() if value.dtype == torch.long]
        return sum(((value > 0).sum(dim=1) for value in ids), torch.zeros(len(self), dtype=torch.long))

    def borrow(self, name: str, lenders: "EncodedPosts", borrows: torch.Tensor) -> "EncodedPosts":
        """The same posts, with a modality of other posts where `borrows` (N,) is 1."""
        inputs = self.inputs[name].clone()
        inputs[borrows > 0] = lenders.inputs[name][borrows > 0]
        return replace(
            self,
            inputs={**self.inputs, name: inputs},
            present={**self.present, name: torch.maximum(self.present[name], borrows)},
            borrowed=borrows,
        )


_PLAIN = tuple(field.name for field in fields(EncodedPosts))[2:]


def encoded_posts(
    inputs: Mapping[str, torch.Tensor],
    present: Present,
    labels: torch.Tensor,
    *,
    subclasses: torch.Tensor | None = None,
    taught: torch.Tensor | None = None,
    tables: torch.Tensor | None = None,
    hard: torch.Tensor | None = None,
) -> EncodedPosts:
    """Posts of which no picture is borrowed; what is left out is not known of any."""
    count = len(labels)
    return EncodedPosts(
        inputs,
        present,
        labels,
        torch.full((count,), -1) if subclasses is None else subclasses,
        torch.zeros(count, 0) if taught is None else taught,
        torch.zeros(count, dtype=torch.long) if tables is None else tables,
        torch.zeros(count, 0) if hard is None else hard,
        torch.zeros(count),
    )


def without(present: Present, name: str) -> Present:
    """Presence (N,) by modality, where no post has one of them."""
    return {**present, name: torch.zeros_like(present[name])}


def are_complete(present: Present) -> torch.Tensor:
    """Which posts have both words and a picture, (N,); none where only one of the two is read."""
    if not {"text", "image"} <= present.keys():
        return torch.zeros_like(next(iter(present.values())))
    return present["text"] * present["image"]


def combinations(posts: EncodedPosts) -> dict[str, EncodedPosts]:
    """The posts as they are (`both`), and the complete ones with their words alone and their picture alone.

    Where emoji are a modality, instead each combination of words, picture and emoji, of the posts that have more; those
    of few posts would bring chance into the choice of an epoch and are left out. Other modalities stay in each, as in
    `evaluate`. Posts of which nothing is left are left out, and so are combinations without posts.
    """
    combined = {"both": posts}
    if "emoji" in posts.present:
        return combined | _combinations_with_emoji(posts)
    complete = posts.rows(are_complete(posts.present).nonzero()[:, 0])
    if len(complete):
        combined |= {"text": complete.without("image"), "image": complete.without("text")}
    readable = {name: seen.rows(seen.counts().nonzero()[:, 0]) for name, seen in combined.items()}
    return {name: seen for name, seen in readable.items() if len(seen)}


def combination_counts(present: Present) -> dict[str, int]:
    """How many posts have words, picture and emoji, by combination, of all combinations of those that are read."""
    names = [name for name in ("text", "image", "emoji") if name in present]
    table = torch.stack([present[name] for name in names], dim=1) > 0  # (N, M)
    counts = {}
    for kept in combinations_of(names):
        wanted = torch.tensor([name in kept for name in names])  # (M,)
        counts["+".join(kept)] = int((table == wanted).all(dim=1).sum())
    return counts


def _combinations_with_emoji(posts: EncodedPosts) -> dict[str, EncodedPosts]:
    names = [name for name in ("text", "image", "emoji") if name in posts.present]
    combined = {}
    for kept in combinations_of(names)[:-1]:
        hidden = [name for name in names if name not in kept]
        has = torch.stack([posts.present[name] for name in kept]).min(dim=0).values > 0  # (N,)
        has &= torch.stack([posts.present[name] for name in hidden]).max(dim=0).values > 0
        if has.sum() >= _LEAST:
            seen = posts.rows(has.nonzero()[:, 0])
            for name in hidden:
                seen = seen.without(name)
            combined["+".join(kept)] = seen
    return combined


def _without_padding(value: torch.Tensor) -> torch.Tensor:
    if value.dtype != torch.long:
        return value
    used = (value > 0).any(dim=0).nonzero()  # (columns, 1)
    return value[:, : int(used.max()) + 1 if len(used) else 1]  # (B, T)
