"""The dev parts of public data sets that a model is measured on beside the probes."""

import hashlib
from pathlib import Path

from feelscope import Post
from feelscope.emotions import SEVEN, match
from feelscope.table import PostsTable
from feelscope.train.data import read_source, without_overlap
from feelscope.train.recipe import Source

MSED = Source(table="msed/train.csv", name="MSED", licence="research use")
GOEMOTIONS = Source(
    table="goemotions/train.csv", name="GoEmotions", licence="Apache-2.0", column="emotions", map="goemotions"
)
AIRLINE_DEV = 0.1  # share of the airline posts, by a hash of their ids
FER = {"angry": "anger", "disgust": "disgust", "fear": "fear", "happy": "happiness", "sad": "sadness"}


def msed(data: Path) -> list[Post]:
    """MSED's dev part without posts whose text or picture is also in its train part, by the names of the seven."""
    posts = read_source(data / "msed/dev.csv", MSED, SEVEN).posts
    return without_overlap(posts, [read_source(data / MSED.table, MSED, SEVEN)])


def goemotions(data: Path) -> list[Post]:
    """GoEmotions' dev part by seven emotions, without posts whose text is also in its train part."""
    posts = read_source(data / "goemotions/dev.csv", GOEMOTIONS, SEVEN).posts
    return without_overlap(posts, [read_source(data / GOEMOTIONS.table, GOEMOTIONS, SEVEN)])


def in_airline_dev(id: str) -> bool:
    """Whether an airline post is in the dev part."""
    return int.from_bytes(hashlib.sha256(id.encode()).digest()[:8]) < AIRLINE_DEV * 2**64


def airline(data: Path, *, dev: bool) -> list[Post]:
    """The airline posts of one part; `emotion` is `positive`, `neutral` or `negative`."""
    table = PostsTable(data / "airline/train.csv", {"emotion": "sentiment"}, need=("emotion",))
    return [post for post in table if in_airline_dev(post.id) == dev]


def fer(table: Path) -> list[Post]:
    """The faces of a table of FER-2013, by the names of the seven."""
    import pyarrow.parquet as parquet

    rows = parquet.read_table(table).to_pylist()
    mapped = match({row["label"] for row in rows}, SEVEN)[0] | FER
    return [
        Post(f"fer-{table.stem}-{number}", image=row["image"], emotion=mapped[row["label"]])
        for number, row in enumerate(rows)
    ]
