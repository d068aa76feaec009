"""Smaller weights in the second part, on validation posts alone: `python variants.py DATA CACHE OUT`.

Tried after dev was opened; two draws of labels that no other run has.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import run
import torch
from protocol import ENAET, SHARES

SMALL = {family: 0.1 * ENAET.weight(family) for family in ENAET.families}
VARIANTS = {
    "as before": ENAET,
    "KL 0.1, families a tenth": replace(ENAET, gamma=0.1, **SMALL),
    "no KL, families a tenth": replace(ENAET, gamma=0.0, **SMALL),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("data", "cache", "out"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    experiment = run.Experiment(given.data, given.cache, given.out, choose=True)
    for draw in (6, 7):
        for share in SHARES:
            print(json.dumps(experiment.run("MixMatch", share, draw)), flush=True)
            for variant, settings in VARIANTS.items():
                run.ENAET = settings
                print(json.dumps({"variant": variant} | experiment.run("EnAET", share, draw)), flush=True)


if __name__ == "__main__":
    main()
