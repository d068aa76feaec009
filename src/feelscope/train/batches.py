"""Training batches: which posts, in which order, with which view of their picture.

Order and draws depend on the seed, the epoch and the step alone, so that a resumed training goes on with just the
batches that the uninterrupted one would have seen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from feelscope.models.towers import TensorBatch

_SORT_WINDOW = 16  # batches whose posts are sorted by length, so that little padding is computed


@dataclass(frozen=True, slots=True)
class Encoded:
    """One post, ready to be trained on.

    Args:
        ids: Token ids; empty without words.
        row: Of its picture in the trunk features; -1 without one.
        label: The emotion's index.
        borrowed: Whether the picture was lent by another post.
        part: The index of the emotion's part; -1 where only the emotion is known.
        taught: A teacher's probabilities (K,); empty where none was asked.
    """

    ids: list[int]
    row: int
    label: int
    borrowed: bool = False
    part: int = -1
    taught: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """The posts of one source and how an epoch uses them; see `recipe.Source`."""

    posts: Sequence[Encoded]
    per_epoch: int = 0
    balance: float = 0.0
    borrow_picture: float = 0.0


class Batches:
    """Batches of one training.

    Args:
        pools: The posts of each source.
        trunk: Trunk outputs (rows, views, C, H, W) of all pictures.
        size: Posts in a batch.
        seed: Decides order, views, blanked rectangles and which pictures are lent.
        erase: Share of the pictures of which a rectangle is blanked.
    """

    def __init__(self, pools: Sequence[Pool], trunk: np.ndarray, *, size: int, seed: int, erase: float = 0.0):
        self._pools, self._trunk, self._size, self._seed, self._erase = pools, trunk, size, seed, erase
        self._lendable = [post.row for pool in pools for post in pool.posts if post.row >= 0]

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch."""
        return -(-sum(_drawn(pool) for pool in self._pools) // self._size)

    def epoch(self, number: int, skip: int = 0) -> Iterator[TensorBatch]:
        """The batches of an epoch, from the one at `skip` on."""
        random = np.random.default_rng((self._seed, number))
        posts = [post for pool in self._pools for post in _draw(pool, self._lendable, random)]
        posts = [posts[index] for index in random.permutation(len(posts))]
        groups: list[list[Encoded]] = []
        for start in range(0, len(posts), self._size * _SORT_WINDOW):
            window = sorted(posts[start : start + self._size * _SORT_WINDOW], key=lambda post: len(post.ids))
            groups += [window[at : at + self._size] for at in range(0, len(window), self._size)]
        for step, index in enumerate(random.permutation(len(groups))):
            if step >= skip:
                draws = np.random.default_rng((self._seed, number, step))
                batch = collate(groups[index], self._trunk, draws.integers(self._trunk.shape[1], size=self._size))
                blank(batch.trunk, self._erase, draws)
                yield batch


def blank(trunk: torch.Tensor, share: float, random: np.random.Generator) -> None:
    """Set a rectangle of a `share` of the pictures (P, C, H, W) to zero; its sides are 3 cells to over half (ours).

    Trunks under 4 cells a side have no room for one.
    """
    height, width = trunk.shape[2:]
    if min(height, width) < 4:
        return
    for picture in trunk:
        if random.random() < share:
            tall, wide = random.integers(3, [height // 2 + 2, width // 2 + 2])
            top, left = random.integers(0, [height - tall + 1, width - wide + 1])
            picture[:, top : top + tall, left : left + wide] = 0


def _drawn(pool: Pool) -> int:
    """How many posts of a pool an epoch uses."""
    return min(pool.per_epoch or len(pool.posts), len(pool.posts))


def _draw(pool: Pool, lendable: Sequence[int], random: np.random.Generator) -> list[Encoded]:
    """The posts of a pool that an epoch uses, some of them with a borrowed picture."""
    posts = list(pool.posts)
    if pool.per_epoch and posts:
        labels = np.array([post.label for post in posts])
        weights = 1.0 / np.bincount(labels)[labels] ** pool.balance  # rarer emotions are drawn more often
        drawn = random.choice(len(posts), _drawn(pool), replace=False, p=weights / weights.sum())
        posts = [posts[at] for at in drawn]
    if not (pool.borrow_picture and lendable):
        return posts
    borrows = random.random(len(posts)) < pool.borrow_picture
    rows = random.choice(lendable, len(posts))
    return [
        replace(post, row=int(row), borrowed=True) if borrow and post.row < 0 else post
        for post, borrow, row in zip(posts, borrows, rows, strict=True)
    ]


def collate(posts: Sequence[Encoded], trunk: np.ndarray, views: Sequence[int] | np.ndarray) -> TensorBatch:
    """Pad B posts to one batch, with the given view of each picture."""
    longest = max(1, *(len(post.ids) for post in posts))
    ids = torch.zeros(len(posts), longest, dtype=torch.long)  # (B, T)
    mask = torch.zeros(len(posts), longest, dtype=torch.long)  # (B, T)
    mask[:, 0] = 1  # a post without words still needs one token to take a mean over; its vector is not used
    for index, post in enumerate(posts):
        ids[index, : len(post.ids)] = torch.tensor(post.ids, dtype=torch.long)
        mask[index, : len(post.ids)] = 1
    pictured = [index for index, post in enumerate(posts) if post.row >= 0]
    rows = [trunk[posts[index].row, views[index]] for index in pictured]
    nothing = (0.0,) * max(len(post.taught) for post in posts)
    features = np.stack(rows).astype(np.float32) if rows else np.zeros((0, *trunk.shape[2:]), np.float32)
    return TensorBatch(
        ids=ids,
        mask=mask,
        trunk=torch.from_numpy(features).contiguous(memory_format=torch.channels_last),  # (P, C, H, W)
        pictured=torch.tensor(pictured, dtype=torch.long),  # (P,)
        has_text=torch.tensor([float(bool(post.ids)) for post in posts]),  # (B,)
        has_image=torch.tensor([float(post.row >= 0) for post in posts]),  # (B,)
        borrowed=torch.tensor([float(post.borrowed) for post in posts]),  # (B,)
        labels=torch.tensor([post.label for post in posts]),  # (B,)
        parts=torch.tensor([post.part for post in posts]),  # (B,)
        taught=torch.tensor([post.taught or nothing for post in posts]),  # (B, K), or (B, 0) without a teacher
    )
