"""The table of emoji autoencoders: the published one and ours, over seeds, beside what they have to beat.

    python experiments/emoji_autoencoder/table.py run twemoji.parquet --work DIR --row ours --seed 0
    python experiments/emoji_autoencoder/table.py table --work DIR

`run` may be stopped and started again; `table` shows what is finished, and how far the rest is.
"""

import argparse
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import torch
from safetensors import safe_open

from feelscope.emoji import catalogue
from feelscope.emoji.autoencoder.folder import SETTINGS
from feelscope.emoji.autoencoder.settings import PUBLISHED, AutoencoderSettings
from feelscope.emoji.autoencoder.train import train_autoencoder
from feelscope.emoji.pictures import EmojiPictures, open_pictures
from feelscope.text.csv_cells import write_csv
from feelscope.train import checkpoint

ROWS = {
    "published": PUBLISHED,
    "ours": AutoencoderSettings(),
    "ours, 16 numbers": AutoencoderSettings(code=16),
    "ours, pictures as they are": AutoencoderSettings(augment=False),
    "ours, pictures of a font": AutoencoderSettings(),
}
OLDEST = 0.7  # of emoji: those before versions were counted, about as many as the author's 867


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = arguments.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run")
    run.add_argument("--pictures", type=Path, help="a Parquet; by default the colour font of this system")
    run.add_argument("--row", choices=[*ROWS], required=True)
    run.add_argument("--seed", type=int, default=0)
    for command in (run, commands.add_parser("table")):
        command.add_argument("--work", type=Path, required=True)
    options = arguments.parse_args()
    if options.command == "table":
        table(options.work)
        return
    torch.set_num_threads(1)
    pictures = open_pictures(options.pictures, options.work / "features")
    if options.row == "published":
        pictures = old(pictures)
    out = options.work / f"{options.row.replace(', ', '-').replace(' ', '-')}-{options.seed}"
    resume = out.is_dir() and (checkpoint.has_begun(out) or (out / SETTINGS).is_file())
    train_autoencoder(
        pictures, replace(ROWS[options.row], seed=options.seed), out, resume=resume, progress=say_epochs(options)
    )


def old(pictures: EmojiPictures) -> EmojiPictures:
    """The emoji that there were when the author took his pictures, without skin tones."""
    rows = [row for row, one in enumerate(pictures.sequences) if catalogue.find(one).since <= OLDEST]
    return pictures.rows(np.array(rows))


def say_epochs(options: argparse.Namespace):
    """Progress: a line every 50 steps."""

    def progress(stage: str, done: int, total: int, detail: str) -> None:
        if done % 50 == 0:
            print(f"{options.row}, seed {options.seed}: {stage} {done:,} of {total:,} {detail}", flush=True)

    return progress


def table(work: Path) -> None:
    """Print the table of what is finished, then how far the rest is; write scores.csv."""
    found: dict[str, list[dict]] = defaultdict(list)
    for file in sorted(work.glob(f"*/{SETTINGS}")):
        values = json.loads(file.read_text(encoding="utf-8"))
        found[file.parent.name.rpartition("-")[0]].append(values)
    print("| row | seeds | held out | error of each seed, 95% interval | mean | KL | infinite codes |")
    print("|---|---|---|---|---|---|---|")
    lines = []
    for row, runs in found.items():
        scores = [one["scores"] for one in runs]
        for method in scores[0]["errors"]:
            ours = method.startswith("autoencoder")
            errors = [one["errors"][method] for one in (scores if ours else scores[:1])]
            shown = "; ".join(f"{value:.4f} ({low:.4f} to {high:.4f})" for value, low, high in errors)
            centre = mean(value for value, _, _ in errors)
            spread = f" ± {stdev(value for value, _, _ in errors):.4f}" if len(errors) > 1 else ""
            whole = method == "autoencoder"
            kl = f"{mean(one['kl'] for one in scores):.1f}" if whole else ""
            infinite = "; ".join(f"{one['infinite_codes']:.2%}" for one in scores) if whole else ""
            sizes = f"{scores[0]['held_out']:,} of {scores[0]['held_out'] + scores[0]['training']:,}"
            print(
                f"| {row}: {method} | {len(scores)} | {sizes} by {scores[0]['split']} | {shown} | "
                f"{centre:.4f}{spread} | {kl} | {infinite} |"
            )
            lines += [
                {"row": row, "method": method, "seed": one["settings"]["seed"], "mse": value, "low": low, "high": high}
                for one, (value, low, high) in zip(runs, errors, strict=False)
            ]
    write_csv(work / "scores.csv", lines)
    for file in sorted(work.glob(f"*/{checkpoint.FILE}")):
        with safe_open(file, framework="pt") as opened:
            state = json.loads(opened.metadata()["progress"])
        last = state["history"][-1] if state["history"] else {}
        print(f"not finished: {file.parent.name}, {state['epoch']} epochs so far; of the last: {last}")


if __name__ == "__main__":
    main()
