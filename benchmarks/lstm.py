"""One epoch of the LSTM's training, against another checkout of Feelscope, in turn on the same posts.

    git worktree add ../before COMMIT
    python benchmarks/lstm.py msed/train.csv --words VECTORS --before ../before --threads 2

Each measurement is a process of its own that reads and encodes the posts, then times the epoch: its steps, and the
scores at its end, by the clock and in processor seconds, which other work on the machine hardly changes. A place is a
word or padding that the LSTM reads.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--words", type=Path, required=True, help="word vectors")
    parser.add_argument("--before", type=Path, help="the folder of another checkout")
    parser.add_argument("--recipe", default="deep-sentiment-text")
    parser.add_argument("--cache", type=Path, default=Path("features"), help="the feature cache")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--once", action="store_true", help="measure this checkout once, and print JSON")
    options = parser.parse_args()
    if options.once:
        print(json.dumps(measure(options)))
        return
    checkouts = {"now": HERE} | ({"before": options.before.resolve()} if options.before else {})
    found: dict[str, list[dict]] = {name: [] for name in checkouts}
    for _ in range(options.rounds):
        for name, folder in reversed(checkouts.items()):
            found[name].append(run(folder, options))
            print(f"{name}: {json.dumps(found[name][-1])}", file=sys.stderr, flush=True)
    print("| checkout | epoch, seconds | processor seconds | of steps | places read | words | ns a place |")
    print("|---|---|---|---|---|---|---|")
    for name, runs in found.items():
        middle = {key: median(one[key] for one in runs) for key in runs[0]}
        nanoseconds = 1e9 * middle["processor_of_steps"] / middle["places"]
        print(
            f"| {name} | {middle['epoch']:.1f} | {middle['processor']:.1f} | {middle['processor_of_steps']:.1f} "
            f"| {middle['places']:,.0f} | {middle['words']:,.0f} | {nanoseconds:,.0f} |"
        )
    if options.before:
        pairs = list(zip(found["before"], found["now"], strict=True))
        for of in ("epoch", "processor"):
            ratios = [before[of] / now[of] for before, now in pairs]
            each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
            print(f"\n{of}: in each round {each} times faster: median {median(ratios):.2f}")
        of_steps = median(before["processor_of_steps"] / now["processor_of_steps"] for before, now in pairs)
        fewer = pairs[0][0]["places"] / pairs[0][1]["places"]
        print(f"\nof steps {of_steps:.2f} = {fewer:.2f} fewer places x {of_steps / fewer:.2f} less time a place")


def run(folder: Path, options: argparse.Namespace) -> dict:
    """Measure a checkout in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "OMP_NUM_THREADS": str(options.threads)}
    command = [sys.executable, __file__, options.table, "--words", options.words, "--recipe", options.recipe]
    command += ["--cache", options.cache, "--threads", options.threads, "--once"]
    done = subprocess.run([*map(str, command)], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def measure(options: argparse.Namespace) -> dict:
    """Train one epoch with whatever checkout is imported."""
    import torch

    from feelscope.encoders.encoder import Resources
    from feelscope.progress import silent
    from feelscope.table import Quarantine
    from feelscope.train import loop
    from feelscope.train.classifier_task import ClassifierTask
    from feelscope.train.data import read_corpus
    from feelscope.train.encoding import encode_corpus
    from feelscope.train.recipe import read_recipe

    torch.set_num_threads(options.threads)
    recipe = read_recipe(options.recipe)
    recipe = replace(recipe, steps=replace(recipe.steps, epochs=1, max_steps=0))
    resources = Resources(options.cache, options.words)
    quarantine = Quarantine()
    corpus = read_corpus(recipe, table=options.table, data=None, columns=None, quarantine=quarantine, progress=silent)
    encoded = encode_corpus(corpus, recipe, resources, quarantine=quarantine, progress=silent)
    read = [batch.posts.inputs["text"] for batch in ClassifierTask(recipe, encoded, 0).batches(0, 0)]
    task = ClassifierTask(recipe, encoded, 0)
    started = time.perf_counter()
    begun = last = time.process_time()

    def progress(stage: str, done: int, total: int, detail: str) -> None:
        nonlocal last
        last = time.process_time()

    loop.fit(task, recipe.steps, seed=0, patience=1, folder=None, progress=progress)
    return {
        "epoch": time.perf_counter() - started,
        "processor": time.process_time() - begun,
        "processor_of_steps": last - begun,
        "places": sum(ids.numel() for ids in read),
        "words": sum(int((ids > 0).sum()) for ids in read),
    }


if __name__ == "__main__":
    main()
