"""Whether faces that were asked for by an emotion are read as it.

python measure_faces.py --data DIR --weights DIR --run DIR --scores scores.csv --sheet FILE
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from face_reader import EMOTIONS, FaceReader
from pictures import read
from scores import add, share
from sheets import write_jpeg
from trained import draw, load

EACH = 100  # faces of each emotion


def main() -> None:
    """Draw 700 faces, read them, and compare with real ones."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True, help="The folder fer_mini_xception.")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scores", type=Path, required=True)
    parser.add_argument("--sheet", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    reader, names = FaceReader(given.weights), sorted(EMOTIONS)
    real, labels = read(given.data / "fer2013" / "dev.parquet")
    add(given.scores, "faces", "real dev faces, 32 px", 0, "", "read as their label", *rates(reader, real, labels))
    generator, _ = load(given.run, len(names))
    wanted = [name for name in names for _ in range(EACH)]
    conditions = torch.eye(len(names)).repeat_interleave(EACH, dim=0)
    faces = draw(generator, conditions, len(wanted), given.seed)
    what = "faces", "DCGAN by emotion, 700 faces", given.steps, given.seed
    add(given.scores, *what, "read as wanted", *rates(reader, faces, wanted))
    shuffled = np.random.default_rng(given.seed).permutation(wanted).tolist()
    add(given.scores, *what, "read as wanted, wanted ones shuffled", *rates(reader, faces, shuffled))
    found = reader.read(faces)
    for name in names:
        rows = [at for at, one in enumerate(wanted) if one == name]
        add(given.scores, *what, f"read as wanted: {name}", *share([found[at] == name for at in rows]))
        real_rows = [at for at, one in enumerate(labels) if one == name]
        real_found = reader.read(real[real_rows])
        add(
            *(given.scores, "faces", "real dev faces, 32 px", 0, "", f"read as their label: {name}"),
            *share([one == name for one in real_found]),
        )
    if given.sheet:
        rows = [at * EACH + column for at in range(len(names)) for column in range(12)]
        write_jpeg(given.sheet, faces[rows], 12)


def rates(reader: FaceReader, pixels: torch.Tensor, wanted: list[str]) -> tuple[float, float, float]:
    """The mean over emotions of how often they are read as wanted, with its interval over the pictures drawn again."""
    right = np.array([one == other for one, other in zip(reader.read(pixels), wanted, strict=True)])
    groups = [right[[one == name for one in wanted]] for name in sorted(set(wanted))]
    draws = np.random.default_rng(0)
    again = [np.mean([draws.choice(group, len(group)).mean() for group in groups]) for _ in range(2000)]
    return float(np.mean([group.mean() for group in groups])), *map(float, np.quantile(again, [0.025, 0.975]))


if __name__ == "__main__":
    main()
