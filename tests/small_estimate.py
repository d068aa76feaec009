"""Predictions of posts whose emotions are known, in all formats, and a labelled sample of them."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feelscope.table import open_writer

EMOTIONS = ("happiness", "sadness", "anger")
POSTS = 600


@dataclass(frozen=True)
class Known:
    """Files of posts `p0`, `p1`, ... whose emotions are known.

    Args:
        probabilities: (N, K).
        emotions: N.
        parties: N; posts of `red` are angrier.
    """

    folder: Path
    probabilities: np.ndarray
    emotions: list[str]
    parties: list[str]

    def label(self, name: str, rows: list[int], **columns: list[object]) -> Path:
        """Write a labelled table of some posts."""
        path = self.folder / name
        lines = [",".join(["id", "emotion", *columns])]
        for place, row in enumerate(rows):
            lines.append(",".join([f"p{row}", self.emotions[row], *(str(of[place]) for of in columns.values())]))
        path.write_text("\n".join(lines) + "\n")
        return path


def write_known(folder: Path) -> Known:
    """Write the files into a folder."""
    random = np.random.default_rng(0)
    parties = [("red", "blue")[number % 3 % 2] for number in range(POSTS)]
    shares = {"red": [0.3, 0.3, 0.4], "blue": [0.6, 0.3, 0.1]}
    truth = np.array([random.choice(3, p=shares[party]) for party in parties])
    scores = random.normal(size=(POSTS, 3)) + np.array([1.0, 0, 0])
    scores[np.arange(POSTS), truth] += 2
    odds = np.exp(2 * scores)
    probabilities = (odds / odds.sum(axis=1, keepdims=True)).round(6)
    emotions = [EMOTIONS[k] for k in truth]
    for ending in ("jsonl", "csv", "parquet"):
        with open_writer(folder / f"predictions.{ending}") as writer:
            for number, row in enumerate(probabilities.tolist()):
                answer = EMOTIONS[int(np.argmax(row))]
                values = {"id": f"p{number}", "emotion": answer, "probabilities": dict(zip(EMOTIONS, row, strict=True))}
                writer.write(values | {"warnings": ["cut", "a,\nb"][: number % 3], "party": parties[number]})
    with (folder / "posts.jsonl").open("w") as file:
        for number, party in enumerate(parties):
            when = f"2012-{number % 3 + 1:02}-{number % 28 + 1:02}"
            post = {"id": f"p{number}", "text": f"post {number}", "created_at": when, "party": party}
            print(json.dumps(post | {"votes": number % 7, "emotion": "happiness"}), file=file)
    return Known(folder, probabilities, emotions, parties)
