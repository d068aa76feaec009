"""How many posts have each of the frequent stems, and with which emotion: counted at build, as counting takes long.

The strength of a sentence in an emotion is read off these, see `views.sentences`; any other stem is counted when it is
asked for, in little time, as few posts have it. Every number is exact, whichever stems there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from feelscope.errors import ExploreError
from feelscope.explore.index.shards import Shards, as_array
from feelscope.explore.index.subject_counts import added_up
from feelscope.explore.search.engine import Engine, counts, total
from feelscope.explore.search.request import by_emotion, counting, term
from feelscope.files import write_whole

if TYPE_CHECKING:
    import pyarrow as pa

_SHARDS_READ = 30  # in which frequent stems are looked for
_ONE_OF = 2_000  # posts that a frequent stem has at least
_LEAST = 20  # the same of the posts that are looked through
_AT_ONCE = 1_000  # stems that are counted in one go
_EMOTION = "emotion "  # before its name, in the file


@dataclass(frozen=True, eq=False)
class StemCounts:
    """Posts of some stems.

    Args:
        stems: Each once.
        posts: That have each, int64 (S,).
        emotions: What the columns of `felt` are of.
        felt: Posts with each stem and emotion, int64 (S, K).
    """

    stems: Sequence[str]
    posts: np.ndarray
    emotions: Sequence[str]
    felt: np.ndarray

    @cached_property
    def _places(self) -> dict[str, int]:
        return {stem: place for place, stem in enumerate(self.stems)}

    def of(self, stem: str, emotion: str) -> tuple[int, int] | None:
        """How many posts have a stem, and how many of these the emotion; None where it has to be asked for."""
        place = self._places.get(stem)
        if place is None:
            return None
        felt = self.felt[place, self.emotions.index(emotion)] if emotion in self.emotions else 0
        return int(self.posts[place]), int(felt)

    def with_posts(self, shards: Shards, names: Sequence[str]) -> "StemCounts":
        """The same stems, with the posts of some new shards."""
        import pyarrow as pa
        import pyarrow.compute as pc

        wanted, posts = pa.array(self.stems, pa.string()), self.posts.copy()
        felt = {name: self.felt[:, k].copy() for k, name in enumerate(self.emotions)}
        for name in names:
            stems, lengths = _stems(shards, name)
            places = pc.index_in(stems, wanted).to_numpy(zero_copy_only=False)  # NaN for those that are not wanted
            known = ~np.isnan(places) if places.dtype.kind == "f" else np.ones(len(places), bool)
            of_post = np.repeat(np.arange(len(lengths)), lengths)[known]
            places = places[known].astype(np.int64)
            posts += np.bincount(places, minlength=len(posts))
            column = as_array(shards.columns([name], ["emotion"])["emotion"]).dictionary_encode()
            numbers = column.indices.to_numpy(zero_copy_only=False)
            for number, emotion in enumerate(column.dictionary.to_pylist()):
                having = np.bincount(places[numbers[of_post] == number], minlength=len(posts))
                felt[emotion] = felt.get(emotion, 0) + having
        felt.pop("", None)
        table = np.array([*felt.values()], np.int64).reshape(len(felt), len(posts)).T
        return StemCounts(self.stems, posts, tuple(felt), table)

    def write(self, path: Path) -> None:
        """Write them as Parquet: stem, posts, and a column of each emotion."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {"stem": pa.array(self.stems, pa.string()), "posts": self.posts}
        columns |= {f"{_EMOTION}{name}": self.felt[:, k] for k, name in enumerate(self.emotions)}
        with write_whole(path, "wb") as file:
            pq.write_table(pa.table(columns), file, write_page_checksum=True)

    @classmethod
    def read(cls, path: Path) -> "StemCounts":
        """Read what `write` wrote."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(path, page_checksum_verification=True)
            names = [name for name in table.column_names if name.startswith(_EMOTION)]
            felt = np.array([table[name].to_numpy() for name in names], np.int64).reshape(len(names), len(table)).T
            emotions = [name.removeprefix(_EMOTION) for name in names]
            return cls(table["stem"].to_pylist(), table["posts"].to_numpy(), emotions, felt)
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
            raise ExploreError(f"{path}: cannot be read; rebuild it with --rebuild") from error


def count_stems(engine: Engine, shards: Shards, names: Sequence[str], emotions: Sequence[str]) -> StemCounts:
    """The stems that are frequent in some of the shards, counted among all posts."""
    import pyarrow as pa

    looked_at = names[:: -(-len(names) // _SHARDS_READ)]
    texts, found = added_up(_frequencies(shards, name) for name in looked_at)
    least = max(_LEAST, sum(map(shards.length, looked_at)) // _ONE_OF)
    stems: list[str] = texts.filter(pa.array(found >= least)).to_pylist()
    rows = []
    for first in range(0, len(stems), _AT_ONCE):
        some = ({"bool": {"filter": [term("words", stem)]}} for stem in stems[first : first + _AT_ONCE])
        for reply in engine.search_all([counting(query, emotions=by_emotion()) for query in some]):
            felt = counts(reply, "emotions")
            rows.append([total(reply), *(felt.get(name, 0) for name in emotions)])
    table = np.array(rows, np.int64).reshape(len(stems), len(emotions) + 1)
    return StemCounts(stems, table[:, 0], emotions, table[:, 1:])


def _frequencies(shards: Shards, name: str) -> tuple["pa.Array", np.ndarray]:
    """The stems of a shard, and how many posts have each: a post has each of its own once."""
    encoded = _stems(shards, name)[0].dictionary_encode()
    numbers = encoded.indices.to_numpy(zero_copy_only=False)
    return encoded.dictionary, np.bincount(numbers, minlength=len(encoded.dictionary))


def _stems(shards: Shards, name: str) -> tuple["pa.Array", np.ndarray]:
    """The stems of the posts of a shard, one after another, and how many each post has."""
    import pyarrow.compute as pc

    lists = pc.split_pattern(as_array(shards.columns([name], ["stems"])["stems"]), " ")
    return lists.flatten(), lists.value_lengths().to_numpy(zero_copy_only=False)
