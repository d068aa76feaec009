"""EnAET on CIFAR-10 with few labels, beside MixMatch and the labels alone, and with each family left out.

    python experiments/enaet_cifar10/run.py train DATA --cache DIR --out runs.jsonl [--tuning]
    python experiments/enaet_cifar10/run.py table runs.jsonl

`train` adds a line for each run of the protocol, and goes on where it was stopped. With --tuning it makes the runs that
choose what is ours, and the test part stays closed.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from protocol import RUNS, TUNING, Run, labelled, read, recipe_of

from feelscope.encoders.encoded_posts import EncodedPosts
from feelscope.encoders.encoder import Resources
from feelscope.encoders.opening import encode, open_image
from feelscope.models.network import Network
from feelscope.progress import silent
from feelscope.train import loop, selection
from feelscope.train.classifier_task import ClassifierTask
from feelscope.train.encoding import EncodedCorpus

TOLD = 300  # validation pictures whose transformations are told


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = arguments.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train")
    train.add_argument("data", type=Path)
    train.add_argument("--cache", type=Path, required=True)
    train.add_argument("--out", type=Path, required=True)
    train.add_argument("--tuning", action="store_true")
    commands.add_parser("table").add_argument("runs", type=Path)
    options = arguments.parse_args()
    if options.command == "table":
        table(options.runs)
        return
    torch.set_num_threads(1)
    parts = encoded_parts(options.data, options.cache)
    lines = options.out.read_text(encoding="utf-8").splitlines() if options.out.exists() else []
    done = {json.loads(line)["run"] for line in lines}
    for run in TUNING if options.tuning else RUNS:
        if run.name not in done:
            line = one_run(run, parts, options)
            with options.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(line, flush=True)


def encoded_parts(data: Path, cache: Path) -> dict[str, EncodedPosts]:
    """All pictures, read once, as rows of the feature cache; of `train` some by how many labels are known."""
    posts = read(data)
    names = sorted({str(post.emotion) for post in posts["test"]})
    encoder = open_image(recipe_of(RUNS[0]).image, Resources(cache), seed=0)
    parts = {}
    for part, some in posts.items():
        labels = [names.index(str(post.emotion)) for post in some]
        parts[part] = encode(some, labels, {"image": encoder}, progress=silent, refuse=refuse)
    for count in {run.labels for run in (*RUNS, *TUNING)}:
        parts[str(count)] = parts["train"].rows(torch.tensor(labelled(posts["train"], count)))
    return parts


def refuse(position: int, error: Exception) -> None:
    raise SystemExit(f"picture {position}: {error}")


def one_run(run: Run, parts: dict[str, EncodedPosts], options: argparse.Namespace) -> dict[str, object]:
    """Train, and score the moving average of the last step."""
    recipe, known = recipe_of(run), parts[str(run.labels)]
    encoder = open_image(recipe.image, Resources(options.cache), seed=recipe.seed)
    nothing = known.rows(torch.tensor([], dtype=torch.long))
    unlabelled = None if recipe.enaet is None else parts["train"]  # those with a label among them, as published
    task = ClassifierTask(
        recipe, EncodedCorpus({"image": encoder}, known, nothing, 10, unlabelled=unlabelled), recipe.seed
    )
    wall, processor = time.perf_counter(), time.process_time()
    history = loop.fit(task, recipe.steps, seed=recipe.seed, patience=10**9, folder=None, progress=silent)
    line: dict[str, object] = {
        **{"run": run.name, "method": run.method, "labels": run.labels, "steps": run.steps},
        **{"seconds": time.perf_counter() - wall, "processor_seconds": time.process_time() - processor},
        "train_loss": history[-1]["train_loss"],
    }
    names = (str(run.labels), "validation", *(() if options.tuning else ("test",)))
    line |= {"known" if name == str(run.labels) else name: right(task.network, parts[name]) for name in names}
    if recipe.enaet and recipe.enaet.families:
        line["told"] = told(task, parts["validation"])
    return line


def right(network: Network, posts: EncodedPosts) -> float:
    """The share of pictures whose label is found."""
    answers = selection.answer(network.eval(), posts).argmax(dim=1)
    return float((answers == posts.labels).float().mean())


@torch.no_grad()
def told(task: ClassifierTask, posts: EncodedPosts) -> dict[str, float]:
    """By family, the share of the targets' variance that its decoder tells, of pictures it has not seen."""
    embedder, decoders = task.network.embedders["image"].eval(), task.objective.decoders.eval()
    rows = posts.inputs["image"][:TOLD]
    views = embedder.views(rows, tuple(decoders), np.random.default_rng(0), mosaic=False)
    plain = embedder.maps(views.augmented[0])
    found = {}
    for family, (moved, targets) in views.transformed.items():
        errors = (decoders[family](plain, embedder.maps(moved)) - targets).square().mean(dim=0)  # (T,)
        found[family] = float((1 - errors / targets.var(dim=0)).mean())
    return found


def table(runs: Path) -> None:
    """A row for each run, in the protocol's order."""
    lines = [json.loads(line) for line in runs.read_text(encoding="utf-8").splitlines()]
    print("| labels | method | steps | wall time | processor | labelled pictures | validation | test | told |")
    print("|---|---|---|---|---|---|---|---|---|")
    for one in lines:
        scores = " | ".join(f"{one[name]:.3f}" if name in one else "" for name in ("known", "validation", "test"))
        times = f"{one['seconds']:.0f} s | {one['processor_seconds']:.0f} s"
        families = ", ".join(f"{name} {share:.2f}" for name, share in one.get("told", {}).items())
        print(f"| {one['labels']} | {one['method']} | {one['steps']} | {times} | {scores} | {families} |")


if __name__ == "__main__":
    main()
