"""What the built-in model's networks say of the posts of the experiments, kept as arrays.

    python experiments/trust/read.py --data DIR --cache CACHE --held-out held_out.jsonl --out VECTORS

Of each table: probabilities of posts as they are, by words and by picture alone, and the vectors of words and picture.
Of MSED also frozen vectors, from the feature cache of a training, and five views of each dev post: as it is; then with
15% of its tokens left out, and the picture mirrored or one of three crops of it.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from feelscope.encoders.tokenizer import Tokenizer, texts_for_tokens
from feelscope.images import digest, read_rgb
from feelscope.post import Post
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.runtime import Runtime
from feelscope.table import PostsTable, Quarantine
from feelscope.train.data import read_dev, read_source, without_overlap
from feelscope.train.recipe import read_recipe

TABLES = {
    "reddit": ("reddit_duong/posts.csv", ""),
    "msed_dev": ("msed/dev.csv", ""),
    "msed_train": ("msed/train.csv", ""),
    "go_dev": ("goemotions/dev.csv", "emotions"),
    "go_train": ("goemotions/train.csv", "emotions"),
    "feelings": ("feelings/train.csv", ""),
}
DRAWN, MOST_NEW = 1500, 6100  # posts that were drawn, and at most so many that were not, of the tables drawn from
LEFT_OUT, CROP = 0.15, 192  # share of the tokens; pixels a side


class Networks:
    """The built-in model's networks, one at a time."""

    def __init__(self) -> None:
        folder = model_folder.BUILTIN
        self.labels = model_folder.read_labels(folder)
        self._runtime = Runtime(folder)
        self._tokenizer = Tokenizer(folder / "tokenizer.json", self.labels.tokens, self.labels.pairs)

    def ids(self, post: Post) -> list[int]:
        """Token ids of a post."""
        return self._tokenizer.encode(*texts_for_tokens(post, self.labels.tokens)).ids if post.has_text else []

    def words(self, ids: list[int]) -> np.ndarray | None:
        """The vector (1, 384) of words."""
        if not any(ids):
            return None
        return self._runtime._run("text", self._runtime._encoders["text"], {"ids": np.array([ids], np.int64)})

    def picture(self, rgb: np.ndarray | None) -> np.ndarray | None:
        """The vector (1, 1280) of a picture."""
        if rgb is None:
            return None
        return self._runtime._run(
            "image", self._runtime._encoders["image"], {"rgb": np.ascontiguousarray(rgb)[np.newaxis]}
        )

    def answer(self, words: np.ndarray | None, picture: np.ndarray | None) -> np.ndarray:
        """Probabilities (K,); zeros of nothing."""
        read = {name: vector for name, vector in (("text", words), ("image", picture)) if vector is not None}
        if not read:
            return np.zeros(len(self.labels.emotions), np.float32)
        present = {f"has_{name}": np.ones(1, np.float32) for name in read}
        return self._runtime._run("fusion", self._runtime._fusion, self._runtime._nothing | read | present)[0]


def main() -> None:
    """Write an .npz for each table, and what the other scripts need beside them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "cache", "held-out", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    networks = Networks()
    drawn = [json.loads(line) for line in given.held_out.read_text(encoding="utf-8").splitlines()]
    for name, (table, column) in TABLES.items():
        posts = PostsTable(given.data / table, {"emotion": column} if column else {})
        np.savez(given.out / f"{name}.npz", **_read(networks, posts, _wanted(name, table, drawn)))
    np.savez(given.out / "tta.npz", **_views(networks, PostsTable(given.data / "msed/dev.csv")))
    np.savez(given.out / "frozen.npz", **_frozen(networks, given.data, given.cache))
    _write_kept(given.data, given.out, drawn, networks.labels.emotions)


def _wanted(name: str, table: str, drawn: list[dict[str, Any]]) -> dict[int, dict[str, Any]] | None:
    """By row, the posts that are read; None reads all."""
    if name not in ("go_train", "feelings"):
        return None
    own = [row for row in drawn if row["table"] == table]
    new, old = ([row for row in own if (row["drawn"] == 0) == is_new] for is_new in (True, False))
    random.Random(0).shuffle(old)
    random.Random(1).shuffle(new)
    return {row["row"]: row for row in new[:MOST_NEW] + old[:DRAWN]}


def _read(networks: Networks, posts: PostsTable, wanted: dict[int, dict[str, Any]] | None) -> dict[str, np.ndarray]:
    columns: dict[str, list[Any]] = {name: [] for name in ("id", "emotion", "both", "text", "image", "t", "i")}
    columns |= {"drawn": [], "mapped": []} if wanted is not None else {}
    for post in posts:
        if wanted is not None:
            if post.row not in wanted:
                continue
            columns["drawn"].append(wanted[post.row]["drawn"])
            columns["mapped"].append(wanted[post.row]["emotion"])
        words = networks.words(networks.ids(post))
        picture = networks.picture(None if post.image is None else read_rgb(post.image, networks.labels.size))
        columns["id"].append(post.id)
        columns["emotion"].append(post.emotion or "")
        for key, pair in (("both", (words, picture)), ("text", (words, None)), ("image", (None, picture))):
            columns[key].append(networks.answer(*pair))
        columns["t"].append(np.zeros(384, np.float16) if words is None else words[0].astype(np.float16))
        if picture is not None:
            columns["i"].append(picture[0].astype(np.float16))
    return {name: np.array(values) for name, values in columns.items()}


def _views(networks: Networks, posts: PostsTable) -> dict[str, np.ndarray]:
    """Probabilities (N, 5, K) by what is read."""
    draws, found = np.random.default_rng(0), {name: [] for name in ("both", "text", "image")}
    for post in posts:
        ids = networks.ids(post)
        texts = [ids, *(_shortened(ids, draws) for _ in range(4))]
        words = [networks.words(text) for text in texts]
        assert post.image is not None
        pictures = [networks.picture(view) for view in _picture_views(read_rgb(post.image, networks.labels.size))]
        pairs = list(zip(words, pictures, strict=True))
        found["both"].append([networks.answer(*pair) for pair in pairs])
        found["text"].append([networks.answer(text, None) for text, _ in pairs])
        found["image"].append([networks.answer(None, picture) for _, picture in pairs])
    return {name: np.array(values) for name, values in found.items()}


def _shortened(ids: list[int], draws: np.random.Generator) -> list[int]:
    """Without some of the tokens between the first and the last."""
    ends = (0, len(ids) - 1)
    return [one for at, one in enumerate(ids) if len(ids) <= 3 or at in ends or draws.random() > LEFT_OUT]


def _picture_views(rgb: np.ndarray) -> Iterator[np.ndarray]:
    side, picture = len(rgb), Image.fromarray(rgb)
    yield from (rgb, rgb[:, ::-1])
    for left, top in ((0, 0), (side - CROP, side - CROP), (0, side - CROP)):
        crop = picture.crop((left, top, left + CROP, top + CROP))
        yield np.asarray(crop.resize((side, side), Image.Resampling.BILINEAR))


def _frozen(networks: Networks, data: Path, cache: Path) -> dict[str, np.ndarray]:
    """MSED's vectors in the feature cache of a training of frozen encoders."""
    import hashlib

    kept = {}
    for kind, width in (("sentences", 384), ("pictures", 1280)):
        (index,) = cache.glob(f"{kind}-*.json")
        vectors = np.fromfile(index.with_suffix(".f32"), np.float32).reshape(-1, width)
        kept[kind] = (json.loads(index.read_text(encoding="utf-8")), vectors)
    found: dict[str, list[np.ndarray]] = {}
    for name in ("train", "dev"):
        for post in PostsTable(data / f"msed/{name}.csv"):
            assert post.image is not None
            words = hashlib.sha256(np.array(networks.ids(post), np.int32).tobytes()).hexdigest()
            for part, kind, key in (("t", "sentences", words), ("i", "pictures", digest(post.image))):
                rows, vectors = kept[kind]
                found.setdefault(f"msed_{name}_{part}", []).append(vectors[rows[key]])
    return {name: np.array(values) for name, values in found.items()}


def _write_kept(data: Path, out: Path, drawn: list[dict[str, Any]], emotions: tuple[str, ...]) -> None:
    """The ids of MSED dev that are in no training table, and GoEmotions' shares of the emotions."""
    recipe = read_recipe("builtin")
    sources = [read_source(data / source.table, source, recipe.data.emotions) for source in recipe.data.tables]
    dev = read_dev(recipe, data, recipe.data.emotions, Quarantine(out / "bad.jsonl"))["msed/dev.csv"]
    counts = Counter(row["emotion"] for row in drawn if row["table"] == "goemotions/train.csv")
    shares = np.array([counts[emotion] / counts.total() for emotion in emotions])
    np.savez(
        out / "kept.npz", msed=np.array([post.id for post in without_overlap(dev, sources)]), goemotions_shares=shares
    )


if __name__ == "__main__":
    main()
