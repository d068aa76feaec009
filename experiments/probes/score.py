"""Score a model on the probes and, with --data, by the named measures.

    python experiments/probes/score.py [--model RUN] --half choose|report [--data DIR] [--out FILE.json]

The half `choose` may guide choices; `report` is opened once for a finished model. The measures read dev parts, and so
belong to `report`: they are refused beside `choose`.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from measures import MEASURES
from probes import HALVES, LANGUAGES, read_probes

from feelscope import EmotionClassifier
from feelscope.files import write_text
from feelscope.metrics.intervals import mean_interval, wilson


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", default="builtin")
    arguments.add_argument("--half", choices=HALVES, required=True)
    arguments.add_argument("--data", type=Path, help="the folder of the public data sets; only beside `report`")
    arguments.add_argument("--measures", nargs="+", choices=MEASURES, default=list(MEASURES), metavar="NAME")
    arguments.add_argument("--out", type=Path)
    options = arguments.parse_args()
    if options.data and options.half != "report":
        arguments.error("--data: the measures read dev parts, which are opened for finished models: --half report")
    model = EmotionClassifier.load(options.model)
    results = {"model": options.model, "half": options.half, "probes": score_probes(model, options.half)}
    print(table(results["probes"]))
    if options.data:
        results["measures"] = {}
        for name in options.measures:
            results["measures"][name] = dict(MEASURES[name](model, options.data))
            for what, score in results["measures"][name].items():
                print(f"| {name} | {what} | {shown(score)} |", flush=True)
    if options.out:
        write_text(options.out, json.dumps(results, indent=2) + "\n")


def score_probes(model: EmotionClassifier, half: str) -> dict[str, dict[str, object]]:
    """By kind the posts, the share of right answers, how sure wrong ones are, and the share with a warning."""
    probes = read_probes(half)
    predictions = model.predict([probe.post for probe in probes])
    kinds: dict[str, list[tuple[bool, float, bool]]] = {}
    for probe, found in zip(probes, predictions, strict=True):
        sure = max(found.probabilities.values(), default=0.0)
        kinds.setdefault(probe.kind, []).append((found.emotion == probe.post.emotion, sure, bool(found.warnings)))
    return {kind: _score(kind_answers) for kind, kind_answers in kinds.items()}


def _score(answers: list[tuple[bool, float, bool]]) -> dict[str, object]:
    right, sure, warned = (np.array(column, float) for column in zip(*answers, strict=True))
    return {
        "posts": len(answers),
        "right": float(right.mean()),
        "interval": [float(end) for end in wilson(right.sum(), len(answers))],
        "wrong and sure": float(((1 - right) * (sure >= 0.7)).mean()),
        "warned": float(warned.mean()),
    }


def table(kinds: dict[str, dict[str, object]]) -> str:
    """The scores as a table in Markdown, with the mean over kinds."""
    lines = ["| kind | posts | right | wrong at 0.7 or more | warned |", "|---|---|---|---|---|"]
    for kind, score in kinds.items():
        lines.append(
            f"| {kind} | {score['posts']} | {shown(score)} | {score['wrong and sure']:.2f} | {score['warned']:.2f} |"
        )
    for name, chosen in (
        ("mean over kinds", list(kinds)),
        ("mean over kinds in English or pictures", [kind for kind in kinds if kind not in LANGUAGES]),
        ("mean over other languages", list(LANGUAGES)),
    ):
        shares = np.array([kinds[kind]["right"] for kind in chosen])
        ends = mean_interval(shares)
        lines.append(f"| **{name}** | | {shares.mean():.3f} ({ends[0]:.3f}–{ends[1]:.3f}) | | |")
    return "\n".join(lines)


def shown(score: dict[str, object]) -> str:
    """A score and its interval."""
    value = score.get("right", score.get("value"))
    ends = score.get("interval")
    return f"{value:.3f}" + (f" ({ends[0]:.3f}–{ends[1]:.3f})" if ends else "")


if __name__ == "__main__":
    main()
