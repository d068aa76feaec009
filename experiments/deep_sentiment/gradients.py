"""What the LSTM fixes: how much a word still counts for the last state, by its distance; PNG, SVG and CSV.

python experiments/deep_sentiment/gradients.py --out experiments/deep_sentiment/figures
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from feelscope.drawing import BLUE, COLUMN, GREY, ORANGE, canvas, save
from feelscope.encoders.word_recurrence import WordRecurrence, gradient_by_distance

WIDTH, UNITS, WORDS, TEXTS = 300, 512, 200, 8  # thesis 5.4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--units", type=int, default=UNITS)
    options = parser.parse_args()
    norms_of = {}
    for kind in ("rnn", "lstm"):
        torch.manual_seed(0)
        recurrence = WordRecurrence(
            np.zeros((2, WIDTH), np.float32), 1, train=False, dropout=0.0, kind=kind, hidden_size=options.units
        )
        norms_of[kind] = gradient_by_distance(recurrence.layer, torch.randn(TEXTS, WORDS, WIDTH) * 0.1)
    rows = [
        {"words_before_the_last": distance, **{kind: float(norms[distance]) for kind, norms in norms_of.items()}}
        for distance in range(WORDS)
    ]
    with canvas(COLUMN, 2.4) as figure:
        axes = figure.subplots()
        for kind, color, dash, name in (("rnn", ORANGE, "--", "vanilla RNN"), ("lstm", BLUE, "-", "LSTM")):
            norms = np.maximum([row[kind] for row in rows], 1e-30)
            axes.semilogy(norms, dash, color=color, label=name)
        axes.axhline(1e-7, color=GREY, linewidth=0.6, linestyle=":")
        axes.set_ylim(1e-14, None)
        axes.set_xlabel("words before the last one")
        axes.set_ylabel("norm of the gradient")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0e}".replace("-", "−"))
        axes.set_title(f"untrained, {options.units} units; dotted: 1e−7")
        axes.legend()
    for path in save(figure, rows, options.out, "gradients"):
        print(path)


if __name__ == "__main__":
    main()
