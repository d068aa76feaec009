"""Training a writer as a task of the loop.

The words of posts are read from START on, and each next one is guessed; the loss is the cross entropy of real words.
With posts kept apart, the epoch of the lowest perplexity on them is kept; without, the last. Kept is the moving average
of the weights.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F

from feelscope.generate.writer.settings import WriterSettings
from feelscope.models.writer import Writer, writing_loss
from feelscope.text.vocabulary import PADDING, Vocabulary
from feelscope.train.device import device_of, moved
from feelscope.train.recipe import StepSettings
from feelscope.train.row_batches import RowBatches, identity

_AT_ONCE = 64  # posts that are scored at a time
WARM_UP = 0.05  # share of the steps; ours, as the clipping
MAX_GRAD_NORM = 5.0


@dataclass(frozen=True, slots=True)
class LearntPosts:
    """N posts as a writer learns them.

    Args:
        pictures: float32 (N, D); zeros without.
        seen: bool (N,), whether a post has a picture.
        emotions: int64 (N,).
        words: int64 (N, T + 2): START, the words, END, padding; a post that was cut has no END.
    """

    pictures: torch.Tensor
    seen: torch.Tensor
    emotions: torch.Tensor
    words: torch.Tensor

    def __len__(self) -> int:
        return len(self.words)

    def rows(self, index: torch.Tensor) -> "LearntPosts":
        """Those of some row numbers (M,), without columns of padding alone."""
        words = self.words[index]
        longest = int((words != PADDING).sum(dim=1).max()) if len(index) else 2
        return LearntPosts(self.pictures[index], self.seen[index], self.emotions[index], words[:, :longest])


def numbered(posts: Sequence[Sequence[str]], vocabulary: Vocabulary, longest: int) -> torch.Tensor:
    """The words of N posts as `LearntPosts` has them."""
    numbers = torch.from_numpy(vocabulary.numbers(posts, longest))  # (N, T + 2)
    numbers[[len(words) > longest for words in posts], -1] = PADDING
    return numbers


def new_network(settings: WriterSettings, vocabulary: int, emotions: int, picture: int) -> Writer:
    """A writer that has learnt nothing."""
    return Writer(
        vocabulary,
        emotions,
        picture,
        embedding=settings.embedding,
        hidden=settings.hidden,
        condition=settings.condition,
        feeling=settings.feeling,
        dropout=settings.dropout,
        word_dropout=settings.word_dropout,
        picture_dropout=settings.picture_dropout,
    )


def steps_of(settings: WriterSettings) -> StepSettings:
    """How the weights move: AdamW whose rate rises and falls, and a moving average."""
    return StepSettings(
        optimizer="adamw",
        learning_rate=settings.learning_rate,
        schedule="linear",
        warm_up=WARM_UP,
        weight_decay=settings.weight_decay,
        max_grad_norm=MAX_GRAD_NORM,
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        ema_decay=settings.ema_decay,
    )


class WriterTask:
    """A writer that learns posts.

    Args:
        network: New; on the device that everything is computed on.
        validation: Posts that choose the epoch; may be none.
    """

    def __init__(self, network: Writer, training: LearntPosts, validation: LearntPosts, settings: WriterSettings):
        self.network = network
        self.modules: Mapping[str, nn.Module] = {"writer": network}
        self._training, self._validation, self._settings = training, validation, settings
        lengths = (training.words != PADDING).sum(dim=1).numpy()  # (N,)
        self._usual = float(lengths.mean()) - 1  # START is not guessed
        counts = training.emotions.bincount()[training.emotions].float()  # (N,)
        weights = counts**-settings.balance  # (N,)
        self._weights = weights / weights.mean()
        self._rows = RowBatches(len(training), settings.batch_size, settings.seed, lengths)
        self.steps_per_epoch = self._rows.per_epoch
        parts = [getattr(posts, name) for posts in (training, validation) for name in LearntPosts.__slots__]
        self.identity = identity(f"writer {asdict(settings)}", *parts, network.words.weight)  # which vectors may begin

    def optimizers(self) -> list[torch.optim.Optimizer]:
        """AdamW; matrices decay, biases and single vectors do not."""
        groups = [
            {"params": [one for one in self.network.parameters() if (one.ndim > 1) == decays], "weight_decay": decay}
            for decays, decay in ((True, self._settings.weight_decay), (False, 0.0))
        ]
        return [torch.optim.AdamW(groups, self._settings.learning_rate)]

    def batches(self, epoch: int, skip: int) -> Iterator[torch.Tensor]:
        """Row numbers (B,) of posts."""
        return self._rows.epoch(epoch, skip)

    def losses(self, batch: torch.Tensor) -> Iterator[torch.Tensor]:
        """The cross entropy of the words."""
        here, rows = device_of(self.network), batch.cpu()
        posts, weights = moved((self._training.rows(rows), self._weights[rows]), here)
        yield writing_loss(scored(self.network, posts), posts.words, self._usual, weights)

    def after_step(self) -> None:
        """Nothing."""

    def score(self, network: nn.Module) -> tuple[float | None, dict[str, float]]:
        """Less the perplexity on the posts that were kept apart; without any, no score."""
        assert isinstance(network, Writer)
        if not len(self._validation):
            return None, {}
        found = perplexity(torch.cat(surprises(network, self._validation)))
        return -found, {"validation_perplexity": found}


def scored(network: Writer, posts: LearntPosts) -> torch.Tensor:
    """Scores (R, V) of every real word of some posts but START, in a row."""
    read, following = posts.words[:, :-1], posts.words[:, 1:]
    return network(posts.pictures, posts.seen, posts.emotions, read.masked_fill(following == PADDING, PADDING))


@torch.no_grad()
def surprises(network: Writer, posts: LearntPosts) -> list[torch.Tensor]:
    """Of each post the negative log-probabilities of its words and its end, in nats."""
    network.eval()
    found: list[torch.Tensor] = []
    for index in torch.arange(len(posts)).split(_AT_ONCE):
        some = moved(posts.rows(index), device_of(network))
        following = some.words[:, 1:]
        real = following != PADDING  # (B, T)
        each = F.cross_entropy(scored(network, some), following[real], reduction="none").cpu()  # (R,)
        found += each.split(real.sum(dim=1).cpu().tolist())
    return found


def perplexity(surprises: torch.Tensor) -> float:
    """Two to the mean surprise in bits; of how many words, equally likely, the next one is chosen."""
    return math.exp(float(surprises.double().mean()))
