"""What the LSTM mends: how much a word still counts for the last state, by its distance; PNG, SVG and CSV.

python experiments/deep_sentiment/gradients.py --out experiments/deep_sentiment/figures
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from feelscope.drawing import BLUE, COLUMN, GREY, ORANGE, canvas, save, style
from feelscope.encoders.word_recurrence import WordRecurrence, gradient_by_distance

WIDTH, UNITS, WORDS, TEXTS = 300, 512, 200, 8  # thesis 5.4


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--out", type=Path, required=True)
    given.add_argument("--units", type=int, default=UNITS)
    asked = given.parse_args()
    found = {}
    for kind in ("rnn", "lstm"):
        torch.manual_seed(0)
        table = np.zeros((2, WIDTH), np.float32)
        embedder = WordRecurrence(table, 1, train=False, dropout=0.0, kind=kind, hidden_size=asked.units)
        found[kind] = gradient_by_distance(embedder.layer, torch.randn(TEXTS, WORDS, WIDTH) * 0.1)
    rows = [
        {"words_before_the_last": at, **{kind: float(norms[at]) for kind, norms in found.items()}}
        for at in range(WORDS)
    ]
    with style():
        figure = canvas(COLUMN, 2.4)
        axes = figure.subplots()
        for kind, color, dash, name in (("rnn", ORANGE, "--", "vanilla RNN"), ("lstm", BLUE, "-", "LSTM")):
            norms = np.maximum([row[kind] for row in rows], 1e-30)
            axes.semilogy(norms, dash, color=color, label=name)
        axes.axhline(1e-7, color=GREY, linewidth=0.6, linestyle=":")
        axes.set_ylim(1e-14, None)
        axes.set_xlabel("words before the last one")
        axes.set_ylabel("norm of the gradient")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0e}".replace("-", "−"))
        axes.set_title(f"untrained, {asked.units} units; dotted: 1e−7")
        axes.legend()
    for path in save(figure, rows, asked.out, "gradients"):
        print(path)


if __name__ == "__main__":
    main()
