"""Tagged posts on disk, in shards: files of some thousand posts each, written once, from which an index is made.

A shard appears when it is complete, so whatever stops a build, the posts of all shards are done and stay done.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from feelscope.errors import ExploreError, one_line
from feelscope.files import write_whole

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_A_SHARD = 10_000
FIRST, END = -9_214_560_000, 9_214_646_400  # 1678 and 2262 in seconds since 1970; engines count nanoseconds in 64 bits
BYTES_A_SHARD = 100_000_000  # of texts
_ROWS_AT_ONCE = 1_000  # that are Python objects at once
_SUBJECTS, _DIGEST = "subjects", "digest"
_EMOTIONS, _FACETS = b"emotion names", b"facet names"  # what the probabilities and the facets are of, as JSON


@dataclass(frozen=True, slots=True)
class Tagged:
    """One post as a shard holds it.

    Args:
        created_at: Seconds since 1970; None for a post without a date.
        words: Those of title and of text, between blanks; see `feelscope.text.search_words`.
        beside: What the words are beside themselves: compounds as one word, hashtags, mentions; each once.
        stems: Of both, each once, between blanks.
        subjects: Each once, with its kind's first letter before it: `p` phrase, `h` hashtag, `m` mention, `e` emoji.
        image: The name of its thumbnail; empty for none.
        probabilities: By emotion; empty where they are not known.
        facets: The values of tags, and of the columns that are facets too; each once.
        digest: Of its row, see `rows.digest`.
        score: The table's, of likes or votes; None where it has none.
    """

    id: str
    created_at: int | None
    title: str
    text: str
    author: str
    source: str
    url: str
    image: str
    emotion: str
    probabilities: Mapping[str, float]
    words: tuple[str, ...]
    beside: tuple[str, ...]
    stems: str
    subjects: tuple[str, ...]
    facets: Mapping[str, tuple[str, ...]]
    digest: int = 0
    score: float | None = None

    @property
    def size(self) -> int:
        """About how many bytes its texts take."""
        return 2 * (len(self.title) + len(self.text)) + sum(map(len, self.subjects))


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards of an index, in the order they were written; the folder is made where it is missing."""

    folder: Path

    def names(self) -> list[str]:
        """File names of all shards."""
        return sorted(path.name for path in self.folder.glob("*.parquet"))

    def next_name(self) -> str:
        """The name that the next shard will have."""
        names = self.names()
        return f"{int(names[-1].partition('.')[0]) + 1 if names else 1:06}.parquet"

    def write(self, rows: Sequence[Tagged]) -> str:
        """Write a shard after the others; gives its name."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.folder.mkdir(exist_ok=True)
        path = self.folder / self.next_name()
        emotions = tuple(dict.fromkeys(emotion for row in rows for emotion in row.probabilities))
        facets = tuple(dict.fromkeys(name for row in rows for name in row.facets))
        schema = _schema().with_metadata({_EMOTIONS: json.dumps(emotions), _FACETS: json.dumps(facets)})
        values = {field.name: [getattr(row, field.name) for row in rows] for field in schema}
        values["probabilities"] = [
            [row.get(name) for name in emotions] if row else [] for row in values["probabilities"]
        ]
        values["facets"] = [[row.get(name, ()) for name in facets] if row else [] for row in values["facets"]]
        columns = [pa.array(values[field.name], field.type) for field in schema]
        with write_whole(path, "wb") as file:
            pq.write_table(pa.table(columns, schema), file, compression="zstd", write_page_checksum=True)
        return path.name

    def rows(self, name: str, numbers: Sequence[int] | None = None) -> Iterator[dict[str, Any]]:
        """The rows of a shard as dicts, without their subjects.

        Args:
            numbers: Which rows, from 0; None for all.
        """
        facets = self._names(name, _FACETS)
        with self._fence(name):
            table = self._read(name, [column for column in Tagged.__slots__ if column not in (_SUBJECTS, _DIGEST)])
            table = table if numbers is None else table.take(numbers)
        for first in range(0, len(table), _ROWS_AT_ONCE):
            with self._fence(name):
                rows = table.slice(first, _ROWS_AT_ONCE).to_pylist()
            for row in rows:
                if row["facets"]:
                    by_name = zip(facets, row["facets"], strict=True)
                    row["facets"] = {name: values for name, values in by_name if values}
                yield row

    def length(self, name: str) -> int:
        """How many posts a shard has."""
        import pyarrow.parquet as pq

        with self._fence(name):
            return int(pq.read_metadata(self.folder / name).num_rows)

    def emotions(self, name: str) -> tuple[str, ...]:
        """What the probabilities of a shard are of."""
        return self._names(name, _EMOTIONS)

    def facets(self, name: str) -> tuple[str, ...]:
        """Of which facets a shard has values, beside author and source."""
        return self._names(name, _FACETS)

    def _names(self, name: str, key: bytes) -> tuple[str, ...]:
        import pyarrow.parquet as pq

        with self._fence(name):
            return tuple(map(str, json.loads((pq.read_schema(self.folder / name).metadata or {})[key])))

    def columns(self, names: Iterable[str], columns: Sequence[str]) -> "pa.Table":
        """Some columns of some shards, one after the other."""
        import pyarrow as pa

        tables = [_schema().empty_table().select(columns)]
        for name in names:
            with self._fence(name):
                tables.append(self._read(name, list(columns)))
        return pa.concat_tables(tables)

    def subjects(self, name: str) -> tuple["pa.Array", np.ndarray, np.ndarray]:
        """The subjects of a shard's posts.

        Returns:
            Each subject once, strings; for each post's subjects their places in that list, int32; for each post where
            its own begin and end, int64 (posts + 1,).
        """
        import pyarrow as pa

        with self._fence(name):
            lists = as_array(self._read(name, [_SUBJECTS], [f"{_SUBJECTS}.list.element"])[_SUBJECTS])
            values = lists.flatten()
            values = values if isinstance(values, pa.DictionaryArray) else values.dictionary_encode()
            lengths = lists.value_lengths().to_numpy(zero_copy_only=False)
            bounds = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
            return values.dictionary, values.indices.to_numpy(zero_copy_only=False), bounds

    def _read(self, name: str, columns: list[str], dictionaries: list[str] | None = None) -> "pa.Table":
        """Some columns of a shard."""
        import pyarrow.parquet as pq

        path = self.folder / name
        if not pq.read_schema(path).equals(_schema()):
            raise ValueError("its columns are not those of a shard")
        return pq.read_table(path, columns=columns, read_dictionary=dictionaries, page_checksum_verification=True)

    @contextmanager
    def _fence(self, name: str) -> Iterator[None]:
        """Raises `ExploreError` for whatever a damaged shard makes the reader raise."""
        import pyarrow as pa

        try:
            yield
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ExploreError(
                f"{self.folder / name}: cannot be read ({one_line(error)}); rebuild it with --rebuild"
            ) from error


def as_array(column: "pa.ChunkedArray") -> "pa.Array":
    """A column in one piece."""
    import pyarrow as pa

    whole = column.combine_chunks()
    if isinstance(whole, pa.Array):
        return whole
    return whole.chunk(0) if whole.num_chunks else pa.array([], whole.type)


def _schema() -> "pa.Schema":
    import pyarrow as pa

    texts = ("title", "text", "author", "source", "url", "image", "emotion")
    return pa.schema(
        [
            ("id", pa.string()),
            ("created_at", pa.int64()),
            *((name, pa.string()) for name in texts),
            ("probabilities", pa.list_(pa.float32())),
            ("words", pa.list_(pa.string())),
            ("beside", pa.list_(pa.string())),
            ("stems", pa.string()),
            (_SUBJECTS, pa.list_(pa.string())),
            ("facets", pa.list_(pa.list_(pa.string()))),
            (_DIGEST, pa.int64()),
            ("score", pa.float64()),
        ]
    )
