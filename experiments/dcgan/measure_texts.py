"""Whether a picture that was asked for by a text goes with it, by a judge of other encoders.

python measure_texts.py --data DIR --words FILE --run DIR --steps N --scores scores.csv --sheet FILE
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from judge import Pairs, chosen, train_judge, word_means
from pictures import captioned, words_of
from scores import add, share
from sheets import write_jpeg
from trained import draw, load

from feelscope.encoders.efficientnet_lite0 import EfficientNetLite0
from feelscope.generate.pictures.lite0_features import lite0_features
from feelscope.generate.pictures.settings import PictureSettings

JUDGE_SEED = 7


def main() -> None:
    """Train the judge on the training posts, then open the dev posts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--words", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scores", type=Path, required=True)
    parser.add_argument("--sheet", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    settings, cache = PictureSettings(by="text"), given.run.parent / "features"
    network = EfficientNetLite0.pretrained().to(memory_format=torch.channels_last)
    parts, said = {}, {}
    for part in ("train", "dev"):
        table = given.data / "msed" / f"{part}.csv"
        parts[part] = captioned(table, settings, cache)
        said[part] = words_of(table, settings)
        assert len(said[part]) == len(parts[part])

    def seen(name: str, pixels: torch.Tensor) -> torch.Tensor:
        path = given.run.parent / f"{name}.npy"
        if not path.exists():
            np.save(path, lite0_features(pixels, network))
        return torch.from_numpy(np.load(path))

    words = {part: word_means(said[part], given.words) for part in parts}
    train_pictures = seen("msed-train", parts["train"].pixels)
    scaling = [(one.mean(dim=0), one.std(dim=0) + 1e-6) for one in (words["train"], train_pictures)]

    def pairs(texts: torch.Tensor, pictures: torch.Tensor) -> Pairs:
        return Pairs(
            *((one - mean) / deviation for one, (mean, deviation) in zip((texts, pictures), scaling, strict=True))
        )

    every = pairs(words["train"], train_pictures)
    held = torch.rand(len(every.texts), generator=torch.Generator().manual_seed(JUDGE_SEED)) < 0.15
    judge, right = train_judge(*(Pairs(every.texts[rows], every.pictures[rows]) for rows in (~held, held)), JUDGE_SEED)
    print(f"judge: {right:.3f} on {int(held.sum())} training posts that it did not learn from", flush=True)

    known = set(said["train"])
    rows = [at for at, text in enumerate(said["dev"]) if text not in known]
    dev = replace(parts["dev"], pixels=parts["dev"].pixels[rows], conditions=parts["dev"].conditions[rows])
    texts = words["dev"][rows]
    real = share(chosen(judge, pairs(texts, seen("msed-dev", parts["dev"].pixels)[rows]), 0))
    add(given.scores, "texts", "real dev pictures, 32 px", 0, "", f"right text of 10, {len(rows)} texts", *real)
    generator, _ = load(given.run, dev.conditions.shape[1])
    made = draw(generator, dev.conditions, len(rows), given.seed)
    drawn = torch.from_numpy(lite0_features(made, network))
    what = "texts", "DCGAN by text", given.steps, given.seed
    add(given.scores, *what, f"right text of 10, {len(rows)} texts", *share(chosen(judge, pairs(texts, drawn), 0)))
    others = torch.from_numpy(np.random.default_rng(given.seed).permutation(len(rows)))
    shuffled = share(chosen(judge, pairs(texts, drawn[others]), 0))
    add(given.scores, *what, f"right text of 10, pictures shuffled, {len(rows)} texts", *shuffled)
    if given.sheet:
        write_jpeg(given.sheet, sheet_of(generator), 12)


# Sentences of our own: the data's are not to be shown.
SENTENCES = (
    "two rings on a hand",
    "children playing on a sunny beach",
    "a man in a dark suit on a white background",
    "a couple walking through a green forest",
    "a woman crying alone in a dark room",
    "a birthday cake with candles",
    "people skiing in the snow under a blue sky",
    "an angry boss shouting in the office",
)


def sheet_of(generator: torch.nn.Module) -> torch.Tensor:
    """A row of 12 pictures for each of our sentences."""
    from feelscope.generate.pictures.reading import unit
    from feelscope.saved_model.builtin_sentences import BuiltinSentences

    encoder = BuiltinSentences()
    vectors = []
    for sentence in SENTENCES:
        tokens = encoder.tokens(sentence)
        assert tokens is not None
        vectors.append(torch.from_numpy(encoder.vector(tokens)))
    conditions = unit(torch.stack(vectors)).repeat_interleave(12, dim=0)
    return draw(generator, conditions, len(conditions), 0)


if __name__ == "__main__":
    main()
