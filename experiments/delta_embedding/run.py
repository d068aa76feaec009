"""Delta embedding: scores against its price c, from full fine-tuning (0) to word vectors that stay (inf).

    python experiments/delta_embedding/run.py DATA WORDS --task sst2 --model mean --out runs.jsonl [--seeds 5]

Adds a line for each c and seed, and goes on where it was stopped; `report.py` reads the lines. With --tuning the test
part stays closed.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from protocol import GRID, TASKS, read, recipe_of, word_similarity

from feelscope.encoders.encoded_posts import encoded_posts
from feelscope.encoders.word_encoder import WordEncoder
from feelscope.metrics.scores import accuracy, count_answers, macro_f1
from feelscope.objectives.settings import DeltaSettings
from feelscope.progress import silent
from feelscope.train import selection
from feelscope.train.encoding import EncodedCorpus
from feelscope.train.fit import fit_once


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("data", type=Path)
    arguments.add_argument("words", type=Path)
    arguments.add_argument("--task", choices=TASKS, required=True)
    arguments.add_argument("--model", choices=GRID, required=True)
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("--c", type=float, nargs="*", default=[])
    arguments.add_argument("--tuning", action="store_true")
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    run(options)


def run(options: argparse.Namespace) -> None:
    parts = read(options.data, options.task)
    emotions = tuple(sorted({str(post.emotion) for post in parts["train"]}))
    recipe = recipe_of(options.model)
    encoder = WordEncoder(options.words, parts["train"], recipe.text, sparse=recipe.steps.takes_sparse_gradients)
    encoded = {}
    for name, posts in parts.items():
        ids, present = encoder.encode(posts, silent, lambda *_: None)
        labels = torch.tensor([emotions.index(str(post.emotion)) for post in posts])
        encoded[name] = encoded_posts({"text": ids}, {"text": present}, labels)
    corpus = EncodedCorpus({"text": encoder}, encoded["train"], encoded["validation"], len(emotions))
    done = set()
    if options.out.exists():
        done = {
            (one["task"], one["model"], one["c"], one["seed"])
            for one in map(json.loads, options.out.read_text(encoding="utf-8").splitlines())
        }
    for seed in range(options.seeds):
        for c in options.c or GRID[options.model]:
            if (options.task, options.model, str(c), seed) in done:
                continue
            line = {"task": options.task, "model": options.model, "c": str(c), "seed": seed}
            line |= one_run(recipe, corpus, encoder, encoded, c, seed, options)
            with options.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            shown = {name: round(value, 4) for name, value in line.items() if isinstance(value, float)}
            print(options.task, options.model, c, seed, shown, flush=True)


def one_run(recipe, corpus, encoder, encoded, c, seed, options) -> dict:
    """Train with one c and seed: scores, the share of words that moved, and what became of word similarity."""
    recipe = replace(recipe, seed=seed)
    if c == np.inf:
        recipe = replace(recipe, text=replace(recipe.text, train_words=False))
        corpus = replace(corpus, encoders={"text": frozen(encoder, recipe)})
    else:
        recipe = replace(recipe, delta=DeltaSettings(c))
    torch.manual_seed(seed)
    started = time.process_time()
    trained = fit_once(recipe, corpus, None, draws=seed, resume=False, progress=silent)
    seconds = time.process_time() - started
    vectors = trained.network.embedders["text"].lookup.vectors.detach().numpy()  # (V, D)
    before = encoder._table[: len(vectors)]
    lengths = np.linalg.norm(vectors - before, axis=1)[1:]
    found = {"seconds": seconds, "epochs": len(trained.history), "moved": float((lengths > 0).mean())}
    found |= {"length": float(lengths[lengths > 0].mean()) if (lengths > 0).any() else 0.0}
    table = np.concatenate([vectors, encoder._table[len(vectors) :]])[1:]
    found |= word_similarity(encoder.words, table, options.data)
    farthest = np.argsort(-lengths)[:12]
    found["words"] = [encoder.words[row] for row in farthest if lengths[row] > 0]
    parts = ("validation",) if options.tuning else ("validation", "test")
    for name in parts:
        found |= scores(trained.network, encoded[name], name)
    if 0 < c < np.inf and not options.tuning:  # the control: as far, but anywhere
        away = np.random.default_rng(seed).normal(size=vectors.shape)
        away *= np.concatenate([[0], lengths])[:, None] / np.linalg.norm(away, axis=1, keepdims=True)
        with torch.no_grad():
            trained.network.embedders["text"].lookup.vectors.copy_(torch.from_numpy(before + away))
        found |= scores(trained.network, encoded["test"], "control")
    return found


def scores(network, posts, name: str) -> dict:
    """Accuracy and macro-F1 of a part, and the answers to it."""
    answers = selection.answer(network.eval(), posts).argmax(dim=1).numpy()
    labels = posts.labels.numpy()
    emotions = int(labels.max()) + 1
    counts = count_answers(labels, answers, emotions)
    return {
        f"{name}_accuracy": float(accuracy(counts)),
        f"{name}_macro_f1": float(macro_f1(counts, np.arange(emotions))),
        f"{name}_answers": "".join(map(str, answers)),
    }


def frozen(encoder: WordEncoder, recipe) -> WordEncoder:
    """The same words, none of which learns."""
    import copy

    same = copy.copy(encoder)
    same._settings = recipe.text
    return same


if __name__ == "__main__":
    main()
