"""The table of emoji autoencoders: the published one and ours, over seeds, beside what they have to beat.

    python experiments/emoji_autoencoder/table.py run --pictures twemoji.parquet --work DIR --row ours --seed 0
    python experiments/emoji_autoencoder/table.py table --work DIR
    python experiments/emoji_autoencoder/table.py sheets --work DIR

`run` may be stopped and started again; `table` shows what is finished, and how far the rest is; `sheets` makes the
pictures of the README from `ours`, seed 0.
"""

import argparse
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from PIL import Image
from safetensors import safe_open

from feelscope.emoji import catalogue
from feelscope.emoji.autoencoder import folder
from feelscope.emoji.autoencoder.drawing import draw_walk
from feelscope.emoji.autoencoder.report import SHEETS
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
    "ours, pictures of a font": AutoencoderSettings(),  # without --pictures
}
OLDEST = 0.7  # of emoji: those before versions were counted, about as many as the author's 867
QUALITY = 85  # of the README's JPEG pictures


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = arguments.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run")
    run.add_argument("--pictures", type=Path, help="a Parquet; by default the colour font of this system")
    run.add_argument("--row", choices=[*ROWS], required=True)
    run.add_argument("--seed", type=int, default=0)
    for command in (run, commands.add_parser("table"), commands.add_parser("sheets")):
        command.add_argument("--work", type=Path, required=True)
    options = arguments.parse_args()
    if options.command == "table":
        table(options.work)
    elif options.command == "sheets":
        sheets(options.work / "ours-0", Path(__file__).parent / SHEETS)
    else:
        train(options)


def train(options: argparse.Namespace) -> None:
    """Train one row with one seed, or go on with it."""
    torch.set_num_threads(1)
    pictures = open_pictures(options.pictures, options.work / "features")
    if options.row == "published":
        pictures = old(pictures)
    out = options.work / f"{options.row.replace(', ', '-').replace(' ', '-')}-{options.seed}"
    resume = out.is_dir() and (checkpoint.has_begun(out) or (out / folder.SETTINGS).is_file())

    def say_steps(stage: str, done: int, total: int, detail: str) -> None:
        if done % 50 == 0:
            print(f"{options.row}, seed {options.seed}: {stage} {done:,} of {total:,} {detail}", flush=True)

    settings = replace(ROWS[options.row], seed=options.seed)
    train_autoencoder(pictures, settings, out, resume=resume, progress=say_steps)


def old(pictures: EmojiPictures) -> EmojiPictures:
    """The emoji that there were when the author took his pictures, without skin tones."""
    rows = [row for row, one in enumerate(pictures.sequences) if catalogue.find(one).since <= OLDEST]
    return pictures.rows(np.array(rows))


def table(work: Path) -> None:
    """Print the table of what is finished, then how far the rest is; write scores.csv."""
    found: dict[str, list[dict]] = defaultdict(list)
    for file in sorted(work.glob(f"*/{folder.SETTINGS}")):
        found[file.parent.name.rpartition("-")[0]].append(json.loads(file.read_text(encoding="utf-8")))
    print("| row | seeds | held out | error of each seed, 95% interval | mean | KL | infinite codes |")
    print("|---|---|---|---|---|---|---|")
    lines = []
    for row, runs in found.items():
        # Of what has no seed, the first run's is shown; of the published row each seed has other held-out pictures.
        every = runs if runs[0]["scores"]["split"] == "pictures" else runs[:1]
        for method in runs[0]["scores"]["errors"]:
            chosen = runs if method.startswith("autoencoder") else every
            errors = [one["scores"]["errors"][method] for one in chosen]
            print("|", " | ".join([f"{row}: {method}", str(len(errors)), *cells(chosen, errors, method)]), "|")
            lines += [
                {"row": row, "method": method, "seed": one["settings"]["seed"], "mse": value, "low": low, "high": high}
                for one, (value, low, high) in zip(chosen, errors, strict=True)
            ]
    write_csv(work / "scores.csv", lines)
    for file in sorted(work.glob(f"*/{checkpoint.FILE}")):
        with safe_open(file, framework="pt") as opened:
            state = json.loads(opened.metadata()["progress"])
        last = state["history"][-1] if state["history"] else {}
        print(f"not finished: {file.parent.name}, {state['epoch']} epochs so far; of the last: {last}")


def cells(runs: list[dict], errors: list[list[float]], method: str) -> list[str]:
    """What the table says of a method: how much is held out, errors, their mean, KL and infinite codes of each run."""
    scores = [one["scores"] for one in runs]
    held_out, all_of_them = scores[0]["held_out"], scores[0]["held_out"] + scores[0]["training"]
    whole = scores if method == "autoencoder" else []
    return [
        f"{held_out:,} of {all_of_them:,} by {scores[0]['split']}",
        "; ".join(f"{value:.4f} ({low:.4f} to {high:.4f})" for value, low, high in errors),
        f"{mean(value for value, _, _ in errors):.4f}",
        "; ".join("infinite" if one["kl"] is None else f"{one['kl']:.1f}" for one in whole),  # JSON has no infinity
        "; ".join(f"{one['infinite_codes']:.2%}" for one in whole),
    ]


def sheets(run: Path, out: Path) -> None:
    """A run's sheets, and the way from a grinning face to an angry one, on white as JPEG: a tenth of the bytes."""
    draw_walk(folder.read(run), "😀", "😡", 10, run / SHEETS / "walk.png", 2)
    out.mkdir(exist_ok=True)
    for path in sorted((run / SHEETS).glob("*.png")):
        with Image.open(path) as image:
            white = Image.new("RGBA", image.size, "white")
            white.alpha_composite(image)
        white.convert("RGB").save(out / f"{path.stem}.jpg", quality=QUALITY)


if __name__ == "__main__":
    main()
