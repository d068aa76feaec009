"""Walks between drawn pictures, and a sum of pictures, from the CIFAR-10 generator.

python draw_sheets.py --run DIR --out DIR [--arithmetic 1,5,9-2,4,6+3,7,8]
"""

import argparse
from pathlib import Path

import torch
from sheets import write_jpeg
from trained import load

from feelscope.generate.pictures.drawing import drawn_by, noise_of, read_sum

ROWS, STEPS = 5, 12


def main() -> None:
    """Draw the numbered pictures, walks, and a sum."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--arithmetic", default="")
    given = parser.parse_args()
    torch.set_num_threads(1)
    generator, _ = load(given.run, 0)

    def drawn(noise: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(drawn_by(generator, noise, None))

    def numbered(numbers: list[int]) -> torch.Tensor:
        return noise_of(numbers, generator.noise, 0)

    write_jpeg(given.out / "numbered.jpg", drawn(numbered(list(range(1, 97)))), 16)
    shares = torch.linspace(0, 1, STEPS)[:, None]
    walks = [torch.lerp(*numbered([2 * row + 1, 2 * row + 2]), shares) for row in range(ROWS)]
    write_jpeg(given.out / "walks.jpg", drawn(torch.cat(walks)), STEPS)
    if given.arithmetic:
        signs, groups = read_sum(given.arithmetic)
        rows = [torch.cat([numbered(group), numbered(group).mean(dim=0, keepdim=True)]) for group in groups]
        total = sum(sign * row[-1:] for sign, row in zip(signs, rows, strict=True))
        assert isinstance(total, torch.Tensor)
        write_jpeg(given.out / "sum.jpg", drawn(torch.cat([*rows, total]).clamp(-1, 1)), len(groups[0]) + 1)


if __name__ == "__main__":
    main()
