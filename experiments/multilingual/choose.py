"""What the head is, chosen on posts of train parts that it did not learn from.

    python experiments/multilingual/choose.py --data DIR --cache CACHE

For each row: macro-F1 on the kept part of each table, its mean, and right answers among the `choose` halves of
experiments/probes, by language. The rule: of the heads within 0.005 of the best mean, the one held smallest (least C).
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from head import Head, fit, labels_of
from posts import drawn, is_third, is_tuning
from sklearn.metrics import f1_score
from vectors import vectors

from feelscope import Post

sys.path.append(str(Path(__file__).parents[1] / "probes"))
from probes import LANGUAGES, read_probes

STRENGTHS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)  # C, of vectors brought to deviation 1


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--cache", type=Path, required=True)
    options = arguments.parse_args()
    tables = drawn(options.data)
    print("| row | C | " + " | ".join([*tables, "mean", *LANGUAGES, "six languages", "English kinds"]) + " |")
    third = {name: [post for post in posts if is_third(post)] for name, posts in tables.items()}
    for reading in ("plain", "normalised"):
        rows(f"a third, {reading}", third, "e5", reading, options.cache, balanced=True)
    for balanced in (True, False):
        name = "weights by emotion" if balanced else "every post alike"
        rows(f"e5, {name}", tables, "e5", "normalised", options.cache, balanced=balanced)
    rows("USE, weights by emotion", tables, "use", "normalised", options.cache, balanced=True)


def rows(
    name: str, tables: Mapping[str, Sequence[Post]], encoder: str, reading: str, cache: Path, *, balanced: bool
) -> None:
    """A line for each strength."""
    posts = [post for found in tables.values() for post in found]
    table_of = np.repeat([*tables], [len(found) for found in tables.values()])
    kept = np.array([is_tuning(post) for post in posts])
    inputs, labels = vectors(posts, encoder, reading, cache), labels_of(posts)
    probes = [probe for probe in read_probes("choose") if probe.post.has_text and probe.post.image is None]
    probe_inputs = vectors([probe.post for probe in probes], encoder, reading, cache)
    for strength in STRENGTHS:
        head = fit(inputs[~kept], labels[~kept], table_of[~kept], strength, balanced=balanced)
        found = head.probabilities(inputs[kept]).argmax(axis=1)
        by_table = [f1(labels[kept], found, table_of[kept] == table) for table in tables]
        right = _right(head, probes, probe_inputs)
        languages = [right[language] for language in LANGUAGES]
        english = [share for kind, share in right.items() if kind not in LANGUAGES]
        numbers = [*by_table, np.mean(by_table), *languages, np.mean(languages), np.mean(english)]
        print(f"| {name} | {strength} | " + " | ".join(f"{number:.3f}" for number in numbers) + " |", flush=True)


def f1(labels: np.ndarray, found: np.ndarray, mask: np.ndarray) -> float:
    """Macro-F1 of some posts, over the emotions they have."""
    return float(f1_score(labels[mask], found[mask], labels=np.unique(labels[mask]), average="macro"))


def _right(head: Head, probes: Sequence, inputs: np.ndarray) -> dict[str, float]:
    """The share of right answers by kind."""
    found = head.probabilities(inputs).argmax(axis=1)
    right = found == labels_of([probe.post for probe in probes])
    kinds = np.array([probe.kind for probe in probes])
    return {str(kind): float(right[kinds == kind].mean()) for kind in dict.fromkeys(kinds)}


if __name__ == "__main__":
    main()
