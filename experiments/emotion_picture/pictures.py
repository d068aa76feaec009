"""Draw emotions with one run, and ask a judge with another image encoder what it reads in the pictures.

    python experiments/emotion_picture/pictures.py draw RUN --shuffled RUN --work DIR
    python experiments/emotion_picture/pictures.py judge RUN --train NPZ --dev NPZ --encoder residual --weights FILE \
        --work DIR

`draw` leaves a PNG and a JSON of each picture in DIR and goes on where it was stopped; `judge` writes, beside this
script and by the encoder's name, scores (each picture), table (each row of the README's table) and judge (what it
reads in real pictures), and figure.png.
"""

import argparse
import csv
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from judges import ENCODERS, Judge
from PIL import Image
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from feelscope.drawing import canvas
from feelscope.explain.emotion_picture import OURS, PUBLISHED, draw
from feelscope.explain.picture_sheet import write_picture
from feelscope.train.rebuilding import RebuiltRun

HERE = Path(__file__).parent
BARE = {"decay": 0.0, "blur": 0.0, "small_norm": 0.0, "jitter": 0}
# By row: settings, whether the run learnt shuffled emotions, and seeds; those of the choice of settings are others.
ROWS = {
    "ours": (OURS, False, (0, 1, 2)),
    "ours, without the four": (replace(OURS, **BARE), False, (0, 1, 2)),
    "ours, shuffled emotions": (OURS, True, (0,)),
    "published": (PUBLISHED, False, (0, 1, 2)),
    "published, without the four": (replace(PUBLISHED, **BARE), False, (0, 1, 2)),
    "noise": (replace(PUBLISHED, updates=0), False, (0, 1, 2)),
}
# What is drawn first, so that a stop leaves whole seeds.
ORDER = (
    ("ours", 0), ("ours", 1), ("ours", 2), ("noise", 0), ("noise", 1), ("noise", 2), ("ours, without the four", 0),
    ("published", 0), ("ours, without the four", 1), ("ours, without the four", 2), ("ours, shuffled emotions", 0),
    ("published, without the four", 0), ("published", 1), ("published, without the four", 1),
    ("published", 2), ("published, without the four", 2),
)  # fmt: skip
RESAMPLES = 10_000


def folded(module: nn.Module) -> None:
    """Fold batch norms into the convolutions before them: the same answers in two thirds of the time."""
    for child in module.children():
        folded(child)
    if isinstance(module, nn.Sequential):
        for place, (one, two) in enumerate(zip(list(module), list(module)[1:], strict=False)):
            if isinstance(one, nn.Conv2d) and isinstance(two, nn.BatchNorm2d):
                module[place], module[place + 1] = fuse_conv_bn_eval(one, two), nn.Identity()


def opened(folder: Path) -> RebuiltRun:
    """A run that draws fast."""
    run = RebuiltRun(folder)
    assert run.image is not None
    folded(run.image)
    run.image.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run.image.requires_grad_(False)
    return run


def draw_all(run: Path, shuffled: Path, work: Path) -> None:
    """Draw what is not drawn yet."""
    runs = {True: opened(shuffled), False: opened(run)}
    for row, seed in ORDER:
        settings, is_shuffled, _ = ROWS[row]
        for emotion in runs[is_shuffled].emotions:
            path = work / row / f"{emotion}-{seed}.png"
            if path.with_suffix(".json").exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            wall, cpu = time.monotonic(), time.process_time()
            made = draw(runs[is_shuffled], emotion, settings, seed=seed)
            write_picture(path, made)
            first, last = made.frames[0].score, made.frames[-1].score
            values = {"before": first, "after": last, "wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}
            path.with_suffix(".json").write_text(json.dumps(values))
            print(row, emotion, seed, {name: round(value, 2) for name, value in values.items()}, flush=True)


def judge_all(judge: Judge, encoder: str, weights: Path, work: Path) -> list[dict]:
    """What the judge reads in each picture."""
    read, size = ENCODERS[encoder](weights)
    found = []
    for row, (_, _, seeds) in ROWS.items():
        for seed in seeds:
            paths = sorted((work / row).glob(f"*-{seed}.json"))
            if len(paths) < len(judge.emotions):
                continue  # not whole
            for path in paths:
                emotion = path.stem.rpartition("-")[0]
                with Image.open(path.with_suffix(".png")) as image:
                    pixels = np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))
                shares = judge.probabilities(read(pixels[None]))[0]
                values = json.loads(path.read_text())
                said = judge.emotions[int(shares.argmax())]
                own = float(shares[judge.emotions.index(emotion)])
                found.append({"row": row, "emotion": emotion, "seed": seed, "read": said, "own": own} | values)
    return found


def interval(values: np.ndarray) -> tuple[float, float]:
    """95% of the mean, over the pictures drawn with replacement."""
    draws = np.random.default_rng(0).integers(len(values), size=(RESAMPLES, len(values)))
    low, high = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def table(found: list[dict]) -> list[dict]:
    """One row for each way of drawing."""
    rows = []
    for row in ROWS:
        ours = [one for one in found if one["row"] == row]
        if not ours:
            continue
        first = np.array([one["read"] == one["emotion"] for one in ours], float)
        own = np.array([one["own"] for one in ours])
        emotions = sorted({one["emotion"] for one in ours})
        seeds = len({one["seed"] for one in ours})
        often = [e for e in emotions if sum(one["read"] == e for one in ours if one["emotion"] == e) * 2 > seeds]
        rows.append(
            {
                "row": row,
                "pictures": len(ours),
                "seeds": seeds,
                "read_first": first.mean(),
                **dict(zip(("read_first_low", "read_first_high"), interval(first), strict=True)),
                "own_probability": own.mean(),
                **dict(zip(("own_low", "own_high"), interval(own), strict=True)),
                "emotions_read_by_most_seeds": len(often),
                "which": " ".join(often),
                "score_before": np.mean([one["before"] for one in ours]),
                "score_after": np.mean([one["after"] for one in ours]),
                "cpu_seconds": np.mean([one["cpu"] for one in ours]),
                "wall_seconds": np.mean([one["wall"] for one in ours]),
            }
        )
    return rows


def figure(found: list[dict], work: Path, seed: int = 0) -> None:
    """Write figure.png: a line for each way of drawing, a column for each emotion, and what the judge reads."""
    emotions = sorted({one["emotion"] for one in found})
    shown = {(one["row"], one["emotion"]): one["read"] for one in found if one["seed"] == seed}
    rows = [row for row in ROWS if (row, emotions[0]) in shown]
    with canvas(1.2 * len(emotions), 1.45 * len(rows)) as drawn:
        for axes, row in zip(drawn.subplots(len(rows), len(emotions), squeeze=False), rows, strict=True):
            for place, emotion in zip(axes, emotions, strict=True):
                with Image.open(work / row / f"{emotion}-{seed}.png") as image:
                    place.imshow(np.asarray(image))
                place.set(xticks=[], yticks=[], xlabel=f"read: {shown[row, emotion]}")
                if row == rows[0]:
                    place.set_title(emotion)
            axes[0].set_ylabel(row)
        drawn.savefig(HERE / "figure.png", dpi=130)


def write(path: Path, rows: list[dict]) -> None:
    """Write rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        out.writeheader()
        out.writerows(
            {name: f"{value:.4f}" if isinstance(value, float) else value for name, value in row.items()} for row in rows
        )


def main() -> None:
    """Draw or judge."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["draw", "judge"])
    parser.add_argument("run", type=Path)
    parser.add_argument("--shuffled", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--train", type=Path)
    parser.add_argument("--dev", type=Path)
    parser.add_argument("--encoder", choices=ENCODERS)
    parser.add_argument("--weights", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.what == "draw":
        draw_all(given.run, given.shuffled, given.work)
        return
    training, dev = np.load(given.train), np.load(given.dev)
    judge = Judge(training["features"], training["labels"])
    shares = judge.probabilities(dev["features"])
    answers = np.array(judge.emotions)[shares.argmax(axis=1)]
    accuracy, f1 = judge.scores(dev["labels"], answers)
    recalls = {e: float((answers[dev["labels"] == e] == e).mean()) for e in judge.emotions}
    of_dev = {"judge": given.encoder, "strength": judge.strength, "training": len(training["labels"])}
    of_dev |= {"dev": len(answers), "accuracy": accuracy, "macro_f1": f1} | {
        f"recall_{e}": r for e, r in recalls.items()
    }
    found = judge_all(judge, given.encoder, given.weights, given.work)
    write(HERE / f"judge-{given.encoder}.csv", [of_dev])
    write(HERE / f"scores-{given.encoder}.csv", found)
    rows = table(found)
    write(HERE / f"table-{given.encoder}.csv", rows)
    figure(found, given.work)
    print(of_dev)
    for row in rows:
        print({name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()})


if __name__ == "__main__":
    main()
