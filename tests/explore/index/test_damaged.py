"""Files of an index with any byte changed, or cut anywhere, give one line and no traceback."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from explore_archive import random_posts, small_archive

from feelscope.errors import ExploreError
from feelscope.explore.index.about import read_about
from feelscope.explore.index.shards import Shards, Tagged
from feelscope.explore.index.vocabulary import Vocabulary


def sweep(path: Path, read: Callable[[], object], *, footer: int = 0) -> None:
    """Damage every byte; what can still be read is unchanged, unless the last `footer` bytes were damaged."""
    content, whole = path.read_bytes(), read()
    for place in range(len(content)):
        changed = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
        for damaged in (changed, content[:place]):
            path.write_bytes(damaged)
            try:
                assert read() == whole or place >= len(content) - footer
            except ExploreError as error:
                assert "\n" not in str(error)
                assert "--rebuild" in str(error)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    small_archive(random_posts(12), tmp_path)
    return tmp_path / "index"


def test_about(index: Path) -> None:
    sweep(index / "about.json", lambda: read_about(index))


def test_the_vocabulary(index: Path) -> None:
    (path,) = index.glob("search-*/vocabulary.parquet")

    def read() -> tuple[list[str], list[int]]:
        vocabulary = Vocabulary.read(path)
        return vocabulary.names, vocabulary.posts.tolist()

    sweep(path, read)


@pytest.mark.slow
def test_a_shard(tmp_path: Path) -> None:
    probabilities, words, facets = {"fear": 1.0}, ("so it goes",), {"tags": ("so",)}
    found = (probabilities, words, ("#go",), "so it go", ("psuch", "h#go"), facets)
    post = Tagged("1", 0, "", "So it goes", "", "", "", "", "fear", *found, digest=7, score=1.5)
    shards = Shards(tmp_path)
    name = shards.write([post, post])

    def read() -> object:
        texts, places, bounds = shards.subjects(name)
        assert isinstance(places, np.ndarray)
        rows = list(shards.rows(name))
        return (
            rows,
            shards.emotions(name),
            shards.columns([name], ["image"])["image"].to_pylist(),
            texts.to_pylist(),
            places.tolist(),
            bounds.tolist(),
        )

    footer = int.from_bytes((tmp_path / name).read_bytes()[-8:-4], "little") + 8
    sweep(tmp_path / name, read, footer=footer)  # which has no checksum, as pages have
