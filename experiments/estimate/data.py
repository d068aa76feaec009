"""Predictions of labelled sets, made once by `feelscope predict`, with one of seven emotions for each post."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from feelscope.emotions import GOEMOTIONS_TO_SEVEN, SEVEN, match
from feelscope.estimate.predictions import PredictionFile

SETS = {"msed": "msed/dev.csv", "goemotions": "goemotions/dev.csv", "reddit": "reddit_duong/posts.csv"}


def labels(table: Path) -> Iterator[tuple[str, str]]:
    """Id and emotion; a post of GoEmotions whose labels mean several of the seven is left out."""
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if "emotions" in row:
                meant = {GOEMOTIONS_TO_SEVEN[label] for label in row["emotions"].split("|")}
                if len(meant) == 1:
                    yield row["id"], meant.pop()
            elif row["emotion"]:
                yield row["id"], match([row["emotion"]], SEVEN)[0][row["emotion"]]


def read(predictions: Path, table: Path) -> tuple[np.ndarray, np.ndarray]:
    """The emotion of each post as a row of one 1, and its probabilities, (N, 7) each."""
    known = dict(labels(table))
    rows, emotions = [], []
    for batch in PredictionFile(predictions):
        for id, row in zip(batch.ids, batch.probabilities, strict=True):
            if id in known:
                rows.append(row)
                emotions.append(SEVEN.index(known[id]))
    return np.eye(len(SEVEN))[emotions], np.array(rows)
