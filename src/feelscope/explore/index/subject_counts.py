"""Which subjects enough posts have: counted exactly, in memory that depends on those that do and not on the others.

Most subjects are in one post or two. So first each is counted under a bucket of its hash, of which there are a fixed
number: a bucket with fewer posts than are enough has no subject of the vocabulary. What is left is counted as text.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from feelscope.explore.index.shards import Shards, as_array
from feelscope.explore.index.text_numbers import text_hashes
from feelscope.explore.index.vocabulary import LEAST_POSTS

if TYPE_CHECKING:
    import pyarrow as pa

_BUCKETS = 2**25  # of 16 bits: 64 MB
_TEXTS_AT_ONCE = 1_000_000  # that are gathered before equal ones are added up


def frequent(shards: Shards, names: Sequence[str]) -> tuple["pa.Array", np.ndarray]:
    """The subjects that enough posts of some shards have, the most frequent first, and how many have each."""
    import pyarrow as pa

    buckets = np.zeros(_BUCKETS, np.uint16)
    for name in names:
        texts, posts = _counts(shards, name)
        places = _bucket(texts)
        np.add.at(buckets, places, np.minimum(posts, LEAST_POSTS).astype(np.uint16))
        buckets[places] = np.minimum(buckets[places], LEAST_POSTS)

    def left() -> Iterable[tuple["pa.Array", np.ndarray]]:
        for name in names:
            texts, posts = _counts(shards, name)
            enough = buckets[_bucket(texts)] >= LEAST_POSTS
            yield texts.filter(pa.array(enough)), posts[enough]

    texts, posts = added_up(left())
    return ordered(texts, posts, posts >= LEAST_POSTS)


def counted(shards: Shards, names: Sequence[str]) -> tuple["pa.Array", np.ndarray]:
    """Every subject of some shards, and how many of their posts have each."""
    return added_up(_counts(shards, name) for name in names)


def added_up(parts: Iterable[tuple["pa.Array", np.ndarray]]) -> tuple["pa.Array", np.ndarray]:
    """Texts and numbers with those of equal texts added up, int64 (N,)."""
    import pyarrow as pa

    schema = pa.schema([("text", pa.string()), ("posts", pa.int64())])
    table, waiting, size = schema.empty_table(), [], 0
    for texts, posts in parts:
        waiting.append(pa.table([texts, pa.array(posts, pa.int64())], schema))
        size += len(texts)
        if size >= max(_TEXTS_AT_ONCE, len(table) // 2):
            table, waiting, size = _grouped([table, *waiting]), [], 0
    table = _grouped([table, *waiting])
    return as_array(table["text"]), table["posts"].to_numpy()


def _grouped(tables: Sequence["pa.Table"]) -> "pa.Table":
    import pyarrow as pa

    table = pa.concat_tables(tables).group_by("text", use_threads=False).aggregate([("posts", "sum")])
    return table.rename_columns({"posts_sum": "posts"}).select(["text", "posts"])


def ordered(texts: "pa.Array", posts: np.ndarray, chosen: np.ndarray) -> tuple["pa.Array", np.ndarray]:
    """Those that are chosen, bool (N,): the most frequent first, of equals as they are spelt."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pa.table({"text": texts, "posts": posts}).filter(pa.array(chosen))
    table = table.take(pc.sort_indices(table, [("posts", "descending"), ("text", "ascending")]))
    return as_array(table["text"]), table["posts"].to_numpy()


def _counts(shards: Shards, name: str) -> tuple["pa.Array", np.ndarray]:
    """The subjects of a shard and how many of its posts have each; a post has a subject once."""
    texts, places, _ = shards.subjects(name)
    return texts, np.bincount(places, minlength=len(texts))


def _bucket(texts: "pa.Array") -> np.ndarray:
    return (text_hashes(texts) % np.uint64(_BUCKETS)).astype(np.int64)
