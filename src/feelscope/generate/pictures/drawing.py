"""What a trained generator draws: pictures asked for, a walk between two, sums and differences of three.

Picture number n of a seed is always the same one, however many are drawn with it.

Source: Radford, Metz and Chintala 2016, sections 6.1 (walks) and 6.3.2 (arithmetic on the mean noise of three pictures
each; of single ones it is unstable).
"""

import re
from pathlib import Path

import numpy as np
import torch

from feelscope import emotions
from feelscope.config import did_you_mean, shown
from feelscope.errors import ConfigError, ModelError
from feelscope.generate.pictures.folder import SavedGenerator
from feelscope.generate.pictures.reading import one_hot, unit
from feelscope.generate.pictures.task import to_bytes
from feelscope.images.sheet import opaque, write_sheet
from feelscope.models.dcgan import Generator
from feelscope.saved_model.builtin_sentences import BuiltinSentences
from feelscope.text.counts import counted

COLUMNS = 10
_AT_ONCE = 256  # pictures that are drawn at a time
_MOST_NUMBER = 10_000  # of a picture, as in --arithmetic
_SUM = re.compile(r"\s*([+-])?\s*(\d+(?:\s*,\s*\d+)*)")


def noise_of(numbers: list[int], width: int, seed: int) -> torch.Tensor:
    """The noise (N, Z) of pictures by their numbers, uniform in -1..1."""
    rows = [np.random.default_rng((seed, number)).uniform(-1, 1, width) for number in numbers]
    return torch.from_numpy(np.stack(rows)).float()


@torch.no_grad()
def drawn_by(network: Generator, noise: torch.Tensor, conditions: torch.Tensor | None) -> np.ndarray:
    """Pictures uint8 (N, 3, S, S) of noise (N, Z) and conditions (N, F), or None where nothing is asked for."""
    parts = [
        network(part, None if conditions is None else conditions[at * _AT_ONCE : (at + 1) * _AT_ONCE])
        for at, part in enumerate(noise.split(_AT_ONCE))
    ]
    return to_bytes(torch.cat(parts)).numpy()  # (N, 3, S, S)


def condition_of(saved: SavedGenerator, emotion: str, text: str) -> torch.Tensor | None:
    """What is asked for as a condition (1, F); None where the generator can be asked for nothing.

    Raises:
        ConfigError: Something else can be asked for, or this cannot be.
        ModelError: The generator reads texts by another network.
    """
    asked = {"--emotion": emotion, "--text": text}
    wanted = {"nothing": "", "emotion": "--emotion", "text": "--text"}[saved.settings.by]
    for name, value in asked.items():
        if value and name != wanted:
            has = f"give {wanted}" if wanted else "leave it out"
            other = name.removeprefix("--")
            raise ConfigError(
                f"{name}: this generator was not trained by {other}: {has}, or one of `train-pictures --by {other}`"
            )
    if not wanted:
        return None
    if not asked[wanted].strip():
        known = f", one of {', '.join(saved.emotions)}" if saved.emotions else ""
        raise ConfigError(f"this generator draws what is asked for: give {wanted}{known}")
    if wanted == "--emotion":
        mapped, unknown = emotions.match([emotion], saved.emotions)
        if unknown:
            raise ConfigError(f"--emotion: {shown(emotion)} is none of its; {did_you_mean(emotion, saved.emotions)}")
        return one_hot([mapped[emotion]], saved.emotions)
    encoder = BuiltinSentences()
    if encoder.identity != saved.reader or encoder.width != saved.condition:
        raise ModelError("this generator read texts by another version of the built-in model; train it again")
    tokens = encoder.tokens(text)
    if tokens is None:
        raise ConfigError("--text: there are no words in it to draw by, besides emoji; give some")
    return unit(torch.from_numpy(encoder.vector(tokens))[None])


def draw_pictures(
    saved: SavedGenerator, count: int, condition: torch.Tensor | None, seed: int, out: Path, scale: int
) -> str:
    """Draw pictures number 1 to `count`, row by row; each function here returns what was drawn, for people."""
    noise = noise_of(list(range(1, count + 1)), saved.network.noise, seed)
    _write(out, drawn_by(saved.network, noise, _repeated(condition, count)), scale)
    return counted(count, "picture")


def draw_walk(
    saved: SavedGenerator, steps: int, condition: torch.Tensor | None, seed: int, out: Path, scale: int
) -> str:
    """Draw the straight way from picture number 1 to number 2, both included."""
    first, last = noise_of([1, 2], saved.network.noise, seed)
    noise = torch.lerp(first, last, torch.linspace(0, 1, steps)[:, None])  # (steps, Z)
    _write(out, drawn_by(saved.network, noise, _repeated(condition, steps)), scale)
    return f"from picture 1 to picture 2 in {counted(steps, 'step')}"


def draw_sum(
    saved: SavedGenerator, asked: str, condition: torch.Tensor | None, seed: int, out: Path, scale: int
) -> str:
    """Draw a sum such as `1,5,9 - 2,4,6 + 3,7,8`: a row for each group and its mean, and the result in the last.

    Raises:
        ConfigError: It is no such sum.
    """
    signs, groups = read_sum(asked)
    noise = [noise_of(group, saved.network.noise, seed) for group in groups]  # (3, Z) each
    means = torch.stack([part.mean(dim=0) for part in noise])  # (groups, Z)
    result = (torch.tensor(signs)[:, None] * means).sum(dim=0)  # (Z,)
    every = torch.cat([torch.cat([part, mean[None]]) for part, mean in zip(noise, means, strict=True)] + [result[None]])
    width = max(len(group) for group in groups) + 1
    pictures = drawn_by(saved.network, every.clamp(-1, 1), _repeated(condition, len(every)))
    _write(out, pictures, scale, width)
    return f"{len(groups)} groups with their means, and their sum last"


def read_sum(asked: str) -> tuple[list[float], list[list[int]]]:
    """The signs of a sum and the numbers of pictures in each of its groups, as many in each.

    Raises:
        ConfigError: It is no such sum.
    """
    signs: list[float] = []
    groups: list[list[int]] = []
    at = 0
    while at < len(asked.rstrip()):
        part = _SUM.match(asked, at)
        if part is None or (groups and not part[1]):
            break
        signs.append(-1.0 if part[1] == "-" else 1.0)
        groups.append([int(number) for number in part[2].split(",")])
        at = part.end()
    good = at >= len(asked.rstrip()) and len(groups) > 1 and len({len(group) for group in groups}) == 1
    if not good or not all(1 <= number <= _MOST_NUMBER for group in groups for number in group):
        raise ConfigError(
            f"--arithmetic: expected numbers of pictures, as in 1,5,9-2,4,6+3,7,8, as many in each group, "
            f"found {shown(asked)}"
        )
    return signs, groups


def _repeated(condition: torch.Tensor | None, count: int) -> torch.Tensor | None:
    return None if condition is None else condition.expand(count, -1)


def _write(out: Path, pictures: np.ndarray, scale: int, columns: int = COLUMNS) -> None:
    write_sheet(out, opaque(pictures), min(columns, len(pictures)), scale)
