"""The scores as a figure, with the rows that it was drawn from.

    python experiments/enaet_cifar10/draw_scores.py runs.jsonl

They are written beside this file.
"""

import json
import sys
from pathlib import Path

from protocol import LATER, LONG, SHORT

from feelscope.drawing import BLUE, GREY, ORANGE, canvas, save

HERE = Path(__file__).parent


def main(runs: Path) -> None:
    """Test accuracy by labels and method, for the same steps and the same time; beside it, without each family."""
    lines = [json.loads(line) for line in runs.read_text(encoding="utf-8").splitlines()]
    with canvas(6.8, 2.6) as figure:
        left, right = figure.subplots(1, 2)
        for row, labels in enumerate((1000, 250)):
            for place, method in enumerate(("enaet", "mixmatch", "supervised")):
                for one in lines:
                    if (one["labels"], one["method"]) == (labels, method) and one["steps"] not in (SHORT, LATER):
                        same = one["steps"] == LONG
                        height = 4 * row + place + (0.0 if same else 0.3)
                        left.plot(one["test"], height, "o" if same else "s", color=BLUE if same else ORANGE)
        left.set_yticks([0, 1, 2, 4, 5, 6])
        left.set_yticklabels(
            [f"{name}, {labels}" for labels in (1000, 250) for name in ("EnAET", "MixMatch", "labels")]
        )
        left.plot([], [], "o", color=BLUE, label=f"{LONG} steps")
        left.plot([], [], "s", color=ORANGE, label="EnAET's time")
        left.legend(loc="center right")
        short = [one for one in lines if one["steps"] == SHORT]
        for place, one in enumerate(reversed(short)):
            right.plot(one["test"], place, "o", color=GREY if one["method"] == "enaet" else BLUE)
        right.set_yticks(range(len(short)))
        right.set_yticklabels([one["method"].replace("enaet", "all families") for one in reversed(short)])
        left.set_title("Methods")
        right.set_title(f"EnAET of {SHORT} steps, 250 labels")
        for axes in (left, right):
            axes.axvline(0.1, color=GREY, linewidth=0.6, linestyle=":")
            axes.set_xlabel("accuracy, 3,000 test pictures")
        save(figure, [{name: one[name] for name in COLUMNS} for one in lines], HERE, "scores")


COLUMNS = ("labels", "method", "steps", "seconds", "processor_seconds", "train_loss", "known", "validation", "test")

if __name__ == "__main__":
    main(Path(sys.argv[1]))
