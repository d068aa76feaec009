"""Which posts the built-in model never saw: of three tables, its recipe drew only a part for each epoch.

    python experiments/trust/held_out.py --data DIR --out held_out.jsonl [--seed 1]

Order and draws depend on the seed and the epoch alone, so `train.batches` draws them again: three trainings of four
epochs. Writes a row for each post of these tables: the table, the post's number in it, id, emotion, and how often it
was drawn. Another seed gives a control: posts that another training would not have drawn.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from feelscope.encoders.encoded_posts import encoded_posts
from feelscope.files import write_whole
from feelscope.progress import silent
from feelscope.table import Quarantine
from feelscope.train.batches import Batches
from feelscope.train.data import read_corpus
from feelscope.train.recipe import read_recipe

SEEDS_APART = 1000  # of a soup's trainings, as in `train.fit`


def main() -> None:
    """Draw the built-in model's batches again and write who was drawn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0, help="the recipe's is 0")
    given = parser.parse_args()
    recipe = read_recipe("builtin")
    with Quarantine(given.out.with_suffix(".bad")) as quarantine:
        corpus = read_corpus(recipe, table=None, data=given.data, columns=None, quarantine=quarantine, progress=silent)
    rows = corpus.rows(held=False)
    readable = [post.has_text or post.image is not None for _, post in rows]
    assert all(readable), "a post without words and picture is left out of a training, and of this too"
    posts = encoded_posts(
        {"text": torch.arange(len(rows), dtype=torch.int32)[:, None], "image": torch.zeros(len(rows), 1)},
        {
            "text": torch.tensor([float(post.has_text) for _, post in rows]),
            "image": torch.tensor([float(post.image is not None) for _, post in rows]),
        },
        torch.tensor([corpus.emotions.index(str(post.emotion)) for _, post in rows]),
        tables=torch.tensor([number for number, _ in rows]),
    )
    drawn = np.zeros(len(rows), dtype=int)
    sources = [entry.source for entry in corpus.sources]
    for training in range(recipe.choices.trainings):
        batches = Batches(posts, sources, recipe.steps, given.seed + training * SEEDS_APART, pool=16)
        for epoch in range(recipe.steps.epochs):
            for batch in batches.epoch(epoch):
                drawn[batch.posts.inputs["text"][:, 0].numpy()] += 1
    with write_whole(given.out) as file:
        for (number, post), times in zip(rows, drawn.tolist(), strict=True):
            row = {"table": sources[number].table, "row": post.row, "id": post.id, "emotion": post.emotion}
            file.write(json.dumps(row | {"drawn": times}) + "\n")
    for number, source in enumerate(sources):
        of = drawn[[at for at, (table, _) in enumerate(rows) if table == number]]
        print(f"{source.table}: {len(of):,} posts, {(of == 0).sum():,} never drawn, {of.sum():,} draws")


if __name__ == "__main__":
    main()
