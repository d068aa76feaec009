"""Training batches: which posts, in which order, with which view of their picture.

Order and draws depend on the seed, the epoch and the step alone, so that a resumed training goes on with just the
batches that the uninterrupted one would have seen.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch

from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.errors import TableError
from feelscope.objectives.objective import Batch
from feelscope.train.recipe import Source, StepSettings
from feelscope.train.row_batches import by_length

Augment = Callable[[torch.Tensor, np.random.Generator], torch.Tensor]


class Batches:
    """Batches of one training.

    Args:
        posts: Of all tables.
        sources: How an epoch uses the posts of each table; empty uses all as they are.
        steps: Posts in a batch, and which posts are trained on.
        seed: Decides order, views, blanked rectangles and which pictures are lent.
        augment: By modality, what a step sees of its inputs.
        pool: Posts of like length are put together, for an embedder that reads tokens, out of so many batches; 0 does
            not.
        unlabelled: Posts of which each batch brings some, without labels; None brings none.
        unlabelled_each: How many of these for each post with a label.
        share: Which part of every batch is given, and of how many, where several processes train one network.

    Raises:
        TableError: There are no posts to train on.
    """

    def __init__(
        self,
        posts: EncodedPosts,
        sources: Sequence[Source],
        steps: StepSettings,
        seed: int,
        *,
        augment: Mapping[str, Augment] | None = None,
        pool: int = 0,
        unlabelled: EncodedPosts | None = None,
        unlabelled_each: int = 1,
        share: tuple[int, int] = (0, 1),
    ):
        self._posts, self._size, self._seed = posts, steps.batch_size, seed
        self._augment, self._pool, self._share = augment or {}, pool, share
        least = len(posts.present) if steps.complete_only else 1
        self._unlabelled, self._each = unlabelled, unlabelled_each
        if unlabelled is not None:
            self._unlabelled = unlabelled.rows((unlabelled.counts() >= least).nonzero()[:, 0])
            if not len(self._unlabelled):
                names = (" and " if steps.complete_only else " or ").join(posts.present)
                raise TableError(f"no post without a label has {names}; give others with --unlabelled TABLE")
        readable = posts.counts() >= least  # (N,)
        if not readable.any():
            names = (" and " if steps.complete_only else " or ").join(posts.present)
            raise TableError(f"no post that is trained on has {names}; give another table or recipe")
        numbers = range(len(sources)) if sources else (0,)
        self._pools = [
            (source, ((posts.tables == number) & readable).nonzero()[:, 0].numpy())
            for number, source in zip(numbers, sources or (Source("", "", ""),), strict=True)
        ]
        pictured = posts.present.get("image", torch.zeros(len(posts))).numpy()
        self._lenders = np.concatenate([rows[pictured[rows] > 0] for _, rows in self._pools])
        self._lengths = posts.lengths().numpy()
        self._total = min(self.per_epoch * steps.epochs, steps.max_steps or self.per_epoch * steps.epochs)

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch."""
        return -(-sum(_drawn(source, rows) for source, rows in self._pools) // self._size)

    def epoch(self, number: int, skip: int = 0) -> Iterator[Batch]:
        """The batches of an epoch, from the one at `skip` on."""
        random = np.random.default_rng((self._seed, number))
        drawn = np.concatenate([self._draw(source, rows, random) for source, rows in self._pools])  # (N, 2)
        drawn = drawn[random.permutation(len(drawn))]
        groups = [drawn[start : start + self._size] for start in range(0, len(drawn), self._size)]
        if self._pool:
            groups = by_length(drawn, self._lengths[drawn[:, 0]], self._size, self._pool, random)
        for step, group in enumerate(groups):
            if step >= skip:
                done = (number * self.per_epoch + step) / self._total
                part, of = self._share
                mine = group[part::of] if len(group) >= of else group
                draws = np.random.default_rng((self._seed, number, step, *([part] if part else [])))
                yield self._batch(mine, draws, done)

    def _draw(self, source: Source, rows: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The posts of a table that an epoch uses, and whose picture each borrows, -1 for none: (N, 2)."""
        if source.posts_per_epoch and len(rows):
            labels = self._posts.labels.numpy()[rows]
            weights = 1.0 / np.bincount(labels)[labels] ** source.balance  # rarer emotions are drawn more often
            count = _drawn(source, rows)
            rows = rows[random.choice(len(rows), count, replace=False, p=weights / weights.sum())]
        lenders = np.full(len(rows), -1)
        if source.borrow_picture and len(self._lenders):
            borrows = random.random(len(rows)) < source.borrow_picture
            chosen = random.choice(self._lenders, len(rows))
            says = (self._posts.counts() - self._posts.present["image"]).numpy()[rows] > 0  # without its picture
            lenders = np.where(borrows & says & (chosen != rows), chosen, lenders)
        return np.stack([rows, lenders], axis=1)

    def _batch(self, group: np.ndarray, draws: np.random.Generator, done: float) -> Batch:
        index, lenders = torch.from_numpy(group.copy()).unbind(dim=1)  # (B,) each
        posts = self._posts.rows(index)
        if (lenders >= 0).any():
            posts = posts.borrow("image", self._posts.rows(lenders.clamp(min=0)), (lenders >= 0).float())
        inputs = {name: self._augment[name](posts.inputs[name], draws) for name in self._augment}
        posts = replace(posts, inputs={**posts.inputs, **inputs})
        unlabelled = None
        if self._unlabelled is not None:
            chosen = draws.integers(len(self._unlabelled), size=self._each * len(group))
            unlabelled = self._unlabelled.rows(torch.from_numpy(chosen))
        return Batch(posts, draws, unlabelled, done)


def _drawn(source: Source, rows: np.ndarray) -> int:
    """How many posts of a table an epoch uses."""
    return min(source.posts_per_epoch or len(rows), len(rows))
