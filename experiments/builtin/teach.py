"""A larger network's answers for posts that it was not trained on, as targets of a smaller one.

    python experiments/builtin/teach.py DIR/msed/train.csv --weights all-mpnet-base-v2 --out teacher.jsonl
    feelscope train --recipe builtin --data DIR --teacher teacher.jsonl --out RUN

The words of a table are read by all-mpnet-base-v2, fine-tuned once a fold on the posts outside it. The tenth that
recipes tune on is in no training, and has the mean answer of all folds. Finished folds are kept beside the output.
Settings are ours; nothing was chosen among them.
"""

import argparse
import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from transformers import AutoModel, AutoTokenizer

from feelscope.metrics.scores import count_answers, macro_f1
from feelscope.post import Post
from feelscope.prepare.validation_split import validation_split
from feelscope.table import PostsTable

FOLDS, EPOCHS, BATCH, TOKENS = 3, 3, 32, 80
RATE, LAYER_DECAY, HEAD_RATE, WARM_UP, SMOOTHING = 6e-5, 0.9, 1e-3, 0.08, 0.05
LAYERS, FROZEN_LAYERS, WIDTH = 12, 3, 768  # the word vectors are frozen too
EMOTIONS = ("happiness", "sad", "anger", "fear", "disgust", "neutral")  # as MSED writes them
SEED = 0


class Reader(nn.Module):
    """Token ids and mask (B, T) to logits (B, K): the mean of the last layer, and a linear layer."""

    def __init__(self, weights: str):
        super().__init__()
        self.body = AutoModel.from_pretrained(weights, add_pooling_layer=False)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(WIDTH, len(EMOTIONS)))
        for part in (self.body.embeddings, *self.body.encoder.layer[:FROZEN_LAYERS]):
            part.requires_grad_(False)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        tokens = self.body(input_ids=ids, attention_mask=mask).last_hidden_state  # (B, T, 768)
        weight = mask.unsqueeze(-1).float()
        return self.head((tokens * weight).sum(dim=1) / weight.sum(dim=1))

    def groups(self) -> list[dict]:
        """Parameters with their top rates: layers learn slower the further down they are."""

        def rate(name: str) -> float:
            if name.startswith("head."):
                return HEAD_RATE
            layer = int(name.split("layer.")[1].split(".")[0]) if "layer." in name else 5  # what all layers share
            return RATE * LAYER_DECAY ** (LAYERS - 1 - layer)

        return [
            {"params": [one], "lr": rate(name), "top": rate(name), "weight_decay": 0.01 if one.ndim > 1 else 0.0}
            for name, one in self.named_parameters()
            if one.requires_grad
        ]


class Posts:
    """A table's posts: their tokens, their labels, and which fold each is in."""

    def __init__(self, posts: Sequence[Post], weights: str):
        tokenizer = AutoTokenizer.from_pretrained(weights)
        pairs = [(post.text,) if post.title == post.text else (post.title, post.text) for post in posts]
        self.ids = [tokenizer(*pair, truncation=True, max_length=TOKENS)["input_ids"] for pair in pairs]
        self.labels = torch.tensor([EMOTIONS.index(str(post.emotion)) for post in posts])
        self.tuning = np.array(validation_split(posts, 0.1))
        # By the id, not at random, so that the folds stay when posts are added.
        drawn = [hashlib.sha256(f"fold{SEED}{post.id}".encode()).digest()[0] % FOLDS for post in posts]
        self.fold = np.where(self.tuning, -1, drawn)
        self._pad = tokenizer.pad_token_id

    def batch(self, index: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        rows = [torch.tensor(self.ids[i]) for i in index]
        ids = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=self._pad)
        return ids, nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)

    def by_length(self, index: Sequence[int]) -> list[int]:
        return sorted(index, key=lambda i: len(self.ids[i]))


def fit(posts: Posts, fold: int, weights: str) -> Reader:
    """Fine-tune on the posts outside a fold."""
    torch.manual_seed(SEED)
    reader = Reader(weights)
    optimizer = torch.optim.AdamW(reader.groups(), betas=(0.9, 0.98))
    random = np.random.default_rng(SEED)
    index = np.flatnonzero(~posts.tuning & (posts.fold != fold))
    total, step = math.ceil(len(index) / BATCH) * EPOCHS, 0
    reader.train()
    for epoch in range(EPOCHS):
        order, batches = index[random.permutation(len(index))], []
        for start in range(0, len(order), BATCH * 16):
            window = posts.by_length(order[start : start + BATCH * 16])
            batches += [window[at : at + BATCH] for at in range(0, len(window), BATCH)]
        losses = []
        for at in random.permutation(len(batches)):
            for group in optimizer.param_groups:
                rising, falling = (step + 1) / (total * WARM_UP), (total - step) / (total * (1 - WARM_UP))
                group["lr"] = group["top"] * min(rising, falling)
            logits = reader(*posts.batch(batches[at]))
            loss = F.cross_entropy(logits, posts.labels[batches[at]], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
            step += 1
        print(f"fold {fold}, epoch {epoch + 1}: loss {np.mean(losses):.3f}", flush=True)
    return reader.eval()


@torch.inference_mode()
def answer(reader: Reader, posts: Posts, index: Sequence[int]) -> torch.Tensor:
    """Probabilities (N, K) of all posts; zeros for those not asked for."""
    found, order = torch.zeros(len(posts.ids), len(EMOTIONS)), posts.by_length(index)
    for start in range(0, len(order), 64):
        part = order[start : start + 64]
        found[part] = reader(*posts.batch(part)).softmax(dim=1)
    return found


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
        kept = options.out.with_suffix(f".fold{fold}.pt")
        if not kept.exists():
            torch.save(
                answer(fit(posts, fold, options.weights), posts, np.flatnonzero((posts.fold == fold) | posts.tuning)),
                kept,
            )
        found = torch.load(kept, weights_only=True)
        own = posts.fold == fold
        say(f"fold {fold}", found[own], posts.labels[own])
        taught[own] = found[own]
        taught[posts.tuning] += found[posts.tuning] / FOLDS
    say("all folds", taught[~posts.tuning], posts.labels[~posts.tuning])
    say("tuning part, mean of the folds", taught[posts.tuning], posts.labels[posts.tuning])
    rows = [
        {"id": post.id, "probabilities": dict(zip(EMOTIONS, row, strict=True))}
        for post, row in zip(table, taught.tolist(), strict=True)
    ]
    options.out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
