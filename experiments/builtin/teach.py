"""A larger network's answers for posts that it was not trained on, as targets of a smaller one.

    python experiments/builtin/teach.py DIR/msed/train.csv --weights all-mpnet-base-v2 --out teacher.jsonl
    feelscope train --recipe builtin --data DIR --teacher teacher.jsonl --out RUN

The words of a table are read by all-mpnet-base-v2, fine-tuned once per fold on the posts outside it. The validation
split of the recipes is in no training, and gets the mean answer of all folds. Each fold is a folder beside the output,
with its checkpoint, then its answers; the same command continues what was stopped. The settings are ours; none was
chosen by its score. The shipped model's teacher had the same settings and other random draws.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F
from transformers import AutoModel, AutoTokenizer

from feelscope.cli.progress import Stages
from feelscope.files import write_text
from feelscope.metrics.scores import count_answers, macro_f1
from feelscope.post import Post
from feelscope.prepare.validation_split import validation_split
from feelscope.table import PostsTable
from feelscope.train import checkpoint, loop
from feelscope.train.recipe import StepSettings

FOLDS, TOKENS = 3, 80
STEPS = StepSettings(
    optimizer="adamw",
    learning_rate=6e-5,  # of the last layer
    schedule="linear",
    warm_up=0.08,
    beta2=0.98,
    weight_decay=0.01,
    max_grad_norm=1.0,
    batch_size=32,
    epochs=3,
    label_smoothing=0.05,
)
LAYER_DECAY, HEAD_RATE = 0.9, 1e-3
FROZEN_LAYERS = 3  # the word vectors are frozen too
SORTED_BATCHES = 16  # whose posts are sorted by length together
EMOTIONS = ("happiness", "sad", "anger", "fear", "disgust", "neutral")  # as MSED writes them
SEED = 0


class Reader(nn.Module):
    """Token ids and mask (B, T) to logits (B, K): the mean of the last layer, and a linear layer."""

    def __init__(self, weights: str):
        super().__init__()
        self.body = AutoModel.from_pretrained(weights, add_pooling_layer=False)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(self.body.config.hidden_size, len(EMOTIONS)))
        for frozen in (self.body.embeddings, *self.body.encoder.layer[:FROZEN_LAYERS]):
            frozen.requires_grad_(False)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        tokens = self.body(input_ids=ids, attention_mask=mask).last_hidden_state  # (B, T, D)
        weight = mask.unsqueeze(-1).float()
        return self.head((tokens * weight).sum(dim=1) / weight.sum(dim=1))

    def groups(self) -> list[dict]:
        """Parameters with their highest learning rates: the lower a layer is, the slower it learns."""
        layers = self.body.config.num_hidden_layers

        def rate(name: str) -> float:
            if name.startswith("head."):
                return HEAD_RATE
            layer = int(name.split("layer.")[1].split(".")[0]) if "layer." in name else 5  # what all layers share
            return STEPS.learning_rate * LAYER_DECAY ** (layers - 1 - layer)

        return [
            {"params": [value], "lr": rate(name), "weight_decay": STEPS.weight_decay if value.ndim > 1 else 0.0}
            for name, value in self.named_parameters()
            if value.requires_grad
        ]


class Posts:
    """A table's posts: their tokens, their labels, and which fold each is in."""

    def __init__(self, posts: Sequence[Post], weights: str):
        tokenizer = AutoTokenizer.from_pretrained(weights)
        pairs = [(post.text,) if post.title == post.text else (post.title, post.text) for post in posts]
        self.ids = [tokenizer(*pair, truncation=True, max_length=TOKENS)["input_ids"] for pair in pairs]
        self.labels = torch.tensor([EMOTIONS.index(str(post.emotion)) for post in posts])
        self.validation = np.array(validation_split(posts, 0.1))
        # By the id, not at random, so that the folds stay when posts are added.
        drawn = [hashlib.sha256(f"fold{SEED}{post.id}".encode()).digest()[0] % FOLDS for post in posts]
        self.fold = np.where(self.validation, -1, drawn)
        self._pad = tokenizer.pad_token_id

    def batch(self, index: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        rows = [torch.tensor(self.ids[i]) for i in index]
        ids = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=self._pad)
        return ids, nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)

    def by_length(self, index: Sequence[int]) -> list[int]:
        return sorted(index, key=lambda i: len(self.ids[i]))


class Fold:
    """Fine-tuning on the posts outside a fold, as a task of `feelscope.train.loop`."""

    def __init__(self, posts: Posts, fold: int, weights: str):
        torch.manual_seed(SEED)
        self.network = Reader(weights)
        self.modules: Mapping[str, nn.Module] = {"network": self.network}
        self.identity = f"{weights}, fold {fold} of {FOLDS}, {len(posts.ids)} posts"
        self._posts, self._index = posts, np.flatnonzero(~posts.validation & (posts.fold != fold))
        self.steps_per_epoch = -(-len(self._index) // STEPS.batch_size)

    def optimizers(self) -> list[torch.optim.Optimizer]:
        return [torch.optim.AdamW(self.network.groups(), betas=(0.9, STEPS.beta2))]

    def batches(self, epoch: int, skip: int) -> Iterator[Sequence[int]]:
        random = np.random.default_rng((SEED, epoch))
        order, size, batches = self._index[random.permutation(len(self._index))], STEPS.batch_size, []
        for start in range(0, len(order), size * SORTED_BATCHES):
            window = self._posts.by_length(order[start : start + size * SORTED_BATCHES])
            batches += [window[first : first + size] for first in range(0, len(window), size)]
        yield from (batches[number] for number in random.permutation(len(batches))[skip:])

    def losses(self, batch: Sequence[int]) -> Iterator[torch.Tensor]:
        logits = self.network(*self._posts.batch(batch))
        yield F.cross_entropy(logits, self._posts.labels[batch], label_smoothing=STEPS.label_smoothing)

    def after_step(self) -> None:
        """Nothing more."""

    def score(self, network: nn.Module) -> tuple[float | None, dict[str, float]]:
        return None, {}  # nothing is chosen: the last epoch is kept


def teach(posts: Posts, fold: int, weights: str, folder: Path) -> torch.Tensor:
    """Answers (N, K) for a fold and the validation split by a network that saw neither; kept in the folder."""
    answers = folder / "answers.safetensors"
    if not answers.exists():
        folder.mkdir(parents=True, exist_ok=True)
        task = Fold(posts, fold, weights)
        resume = checkpoint.has_begun(folder)
        with Stages() as stages:
            loop.fit(task, STEPS, seed=SEED, patience=STEPS.epochs, folder=folder, resume=resume, progress=stages)
        rows = np.flatnonzero((posts.fold == fold) | posts.validation)
        save_file({"answers": answer(task.network.eval(), posts, rows)}, answers)
        (folder / checkpoint.FILE).unlink()
    return load_file(answers)["answers"]


@torch.inference_mode()
def answer(reader: Reader, posts: Posts, index: Sequence[int]) -> torch.Tensor:
    """Probabilities (N, K) of all posts; zeros for those not asked for."""
    answers, order = torch.zeros(len(posts.ids), len(EMOTIONS)), posts.by_length(index)
    for start in range(0, len(order), 64):
        rows = order[start : start + 64]
        answers[rows] = reader(*posts.batch(rows)).softmax(dim=1)
    return answers


def say(name: str, answers: torch.Tensor, labels: torch.Tensor) -> None:
    f1 = macro_f1(count_answers(labels.numpy(), answers.argmax(dim=1).numpy(), len(EMOTIONS)), np.arange(len(EMOTIONS)))
    print(f"{name}: macro-F1 {f1:.3f}, loss {F.nll_loss(answers.log(), labels):.3f}", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("table", type=Path)
    arguments.add_argument("--weights", required=True, metavar="DIR|NAME", help="of all-mpnet-base-v2")
    arguments.add_argument("--out", type=Path, required=True, metavar="FILE.jsonl")
    options = arguments.parse_args()
    table = list(PostsTable(options.table, need=("emotion",)))
    posts = Posts(table, options.weights)
    taught = torch.zeros(len(table), len(EMOTIONS))
    for fold in range(FOLDS):
        answers = teach(posts, fold, options.weights, options.out.with_suffix(f".fold{fold}"))
        own = posts.fold == fold
        say(f"fold {fold}", answers[own], posts.labels[own])
        taught[own] = answers[own]
        taught[posts.validation] += answers[posts.validation] / FOLDS
    say("all folds", taught[~posts.validation], posts.labels[~posts.validation])
    say("validation split, mean of the folds", taught[posts.validation], posts.labels[posts.validation])
    rows = [
        {"id": post.id, "probabilities": dict(zip(EMOTIONS, row, strict=True))}
        for post, row in zip(table, taught.tolist(), strict=True)
    ]
    write_text(options.out, "".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
