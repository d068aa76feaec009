"""Recall and precision of near-duplicate texts and pictures on pairs that are planted among real ones.

python experiments/near_duplicates/measure.py posts.parquet pictures/
"""

import io
import random
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from feelscope import PostsTable
from feelscope.images import read_rgb
from feelscope.prepare.picture_hashes import DISTANCE, SIZE, group_hashes, perceptual_hash
from feelscope.text.near_duplicates import fold, group

TEXTS, PICTURES = 20_000, 1000


def repost(words: list[str], vocabulary: list[str], draw: random.Random) -> list[str]:
    """Change at most a tenth of the words, as people do when they repost: remove, add, replace."""
    changed = list(words)
    for _ in range(draw.randint(1, max(1, len(words) // 10))):
        at, way = draw.randrange(len(changed)), draw.choice("oie")
        if way == "o" and len(changed) > 1:
            del changed[at]
        elif way == "i":
            changed.insert(at, draw.choice(vocabulary))
        else:
            changed[at] = draw.choice(vocabulary)
    return changed


def texts(table: str) -> None:
    draw = random.Random(0)
    found = [fold(f"{post.title} {post.text}") for post in PostsTable(table)]
    draw.shuffle(found)
    found = [text for text in dict.fromkeys(found) if len(set(text.split())) >= 10][:TEXTS]
    before = group(found)
    alone = [at for at in range(len(found)) if before.count(before[at]) == 1][: TEXTS // 10]
    vocabulary = [word for text in found[:2000] for word in text.split()]
    planted = [" ".join(repost(found[at].split(), vocabulary, draw)) for at in alone]
    groups = group(found + planted)
    right = sum(groups[len(found) + place] == groups[at] for place, at in enumerate(alone))
    sets = [set(text.split()) for text in found + planted]
    pairs = [(at, groups[at]) for at in range(len(groups)) if groups[at] != at]
    alike = sum(2 * len(sets[a] & sets[b]) >= len(sets[a] | sets[b]) for a, b in pairs)
    print(f"texts: {len(found):,} and {len(planted):,} planted reposts with up to a tenth of the words changed")
    print(f"  recall {right / len(planted):.3f}, precision {alike / len(pairs):.3f} (half of the words shared)")


def versions(picture: Image.Image) -> dict[str, Image.Image]:
    """What happens to a picture on its way through the web."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=40)
    width, height = picture.size
    crop = picture.crop((width // 50, height // 50, width - width // 50, height - height // 50))
    return {
        "half as wide": picture.resize((width // 2, height // 2)),
        "JPEG quality 40": Image.open(io.BytesIO(buffer.getvalue())).convert("RGB"),
        "15% brighter": ImageEnhance.Brightness(picture).enhance(1.15),
        "2% cut off each side": crop,
        "grey": picture.convert("L").convert("RGB"),
    }


def pictures(folder: str) -> None:
    files = sorted(Path(folder).glob("*.jpg"))[:PICTURES]
    originals = [Image.fromarray(read_rgb(file)) for file in files]
    squeeze = lambda picture: np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.BICUBIC, reducing_gap=2.0))  # noqa: E731
    hashes = [perceptual_hash(squeeze(picture)) for picture in originals]
    made: dict[str, list[int]] = {}
    for picture in originals:
        for name, version in versions(picture).items():
            made.setdefault(name, []).append(perceptual_hash(squeeze(version)))
    for name, some in made.items():
        groups = group_hashes([*hashes, *some])
        joined = {frozenset((a % len(files), b % len(files))) for a, b in enumerate(groups) if a != b}
        right = sum(groups[len(files) + at] == groups[at] for at in range(len(files)))
        wrong = sum(len(pair) > 1 for pair in joined)
        print(f"  {name}: recall {right / len(files):.3f}, precision {right / max(right + wrong, 1):.3f}")


if __name__ == "__main__":
    texts(sys.argv[1])
    print(f"pictures: distance {DISTANCE} of 64 bits")
    pictures(sys.argv[2])
