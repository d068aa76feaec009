"""Posts that a program has in memory: what they may be, and the rows of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from feelscope.config import listed
from feelscope.errors import PostsError, TableError
from feelscope.post import Post
from feelscope.table.columns import STANDARD_COLUMNS, find_columns
from feelscope.table.memory_cells import is_array, is_picture, is_pixels, picture, plain
from feelscope.table.picture_paths import WEB_ADDRESS
from feelscope.table.quarantine import BadRow
from feelscope.text.html import is_address

Row = dict[str, Any]  # a row whose cells are as they were given
NAME = "the posts in memory"  # in messages, in place of a file's name
TAKEN = (
    "posts are a text, a picture, a Post or a dict, a list of these, a dict of columns, a DataFrame or Series of "
    "pandas or Polars, a table of PyArrow, or a Hugging Face dataset"
)
_READ = ("text", "title", "image")
_ROWS_AT_ONCE = 1000
_EXACT = 2**53  # whole numbers below are the same as fractional ones


class MemoryRows:
    """The rows of posts in memory, as `opening.Rows`; may be iterated again.

    Args:
        given: As `rows_in` takes it; what can be read once alone is made into a list.
        columns: Standard name to the posts' own, for those that are not recognised.
        labels: The emotion of each post, in their order; None where the posts have it themselves.

    Attributes:
        name: What messages call them.

    Raises:
        PostsError: It is nothing that posts can be, or there are not as many labels.
    """

    name = NAME

    def __init__(
        self, given: Any, columns: Mapping[str, str] | None = None, labels: Iterable[object] | None = None
    ) -> None:
        self._given = [*given] if isinstance(given, Iterator) else given
        self._columns = dict(columns or {})
        self._labels = None if labels is None else [*map(plain, labels)]
        if self._labels is not None and len(self._labels) != (count := self.length()):
            raise PostsError(f"expected a label for each of {count:,} posts, found {len(self._labels):,}")

    def __str__(self) -> str:
        return self.name

    def columns(self) -> dict[str, str]:
        """Give the names of the columns; of what type the cells are is theirs to say."""
        names = dict.fromkeys(name for row in self._rows() for name in row)
        if not names:
            raise TableError(f"{NAME}: there are none")
        return dict.fromkeys(names, "any")

    def __iter__(self) -> Iterator[dict[str, object] | BadRow]:
        columns = columns_of([*self.columns()], self._columns)
        for number, row in enumerate(self._rows(), 1):
            yield with_plain_cells(row, columns, number)

    def _rows(self) -> Iterator[Row]:
        given = rows_in(self._given, self._columns)
        rows = (_of_post(row) if isinstance(row, Post) else row for row in given)
        if self._labels is None:
            return rows
        return ({**row, "emotion": label} for row, label in zip(rows, self._labels, strict=True))

    def length(self) -> int:
        """Give the number of posts."""
        return sum(1 for _ in rows_in(self._given, self._columns))

    def label_names(self, column: str) -> tuple[str, ...]:
        """The names of the numbers in a column of labels, as the `datasets` library has them; none otherwise."""
        features = getattr(self._given, "features", None)
        feature = features.get(column) if isinstance(features, Mapping) else None
        names = getattr(getattr(feature, "feature", feature), "names", None)
        return tuple(map(str, names)) if isinstance(names, Sequence) and not isinstance(names, str) else ()


def rows_in(given: Any, columns: Mapping[str, str] | None = None) -> Iterator[Post | Row]:
    """The posts in what a program has, each as a `Post` or as a row; nothing of them is read yet.

    Args:
        columns: Standard name to the posts' own, which says of a dict whether it is one of columns.

    Raises:
        PostsError: It is nothing that posts can be, or, once it comes, one of them is not.
    """
    if isinstance(given, str | Post) or is_picture(given):
        return iter([_one(given)])
    if isinstance(given, Mapping):
        return _of_mapping(given, columns or {})
    if type(given).__name__ == "LazyFrame":
        raise PostsError("a LazyFrame of Polars has no rows yet; give the DataFrame of its .collect()")
    if hasattr(given, "iter_rows"):  # Polars
        return given.iter_rows(named=True)
    if hasattr(given, "itertuples") and hasattr(given, "iloc"):
        return _of_pandas(given)
    if hasattr(given, "to_batches") and hasattr(given, "column_names"):  # PyArrow
        return (row for batch in given.to_batches(max_chunksize=_ROWS_AT_ONCE) for row in batch.to_pylist())
    if is_array(given):
        given = _several(given)
    if isinstance(given, set | frozenset) or not isinstance(given, Iterable):
        raise PostsError(f"{TAKEN}; found {_kind(given)}")
    return map(_one, given)


def rows_of(
    given: Any, columns: Mapping[str, str] | None = None, labels: Iterable[object] | None = None
) -> Path | MemoryRows:
    """A table by its name, or the rows of posts in memory; a lone text is a name here, never words.

    Raises:
        PostsError: It is nothing that posts can be, or labels are given for a table.
    """
    if not isinstance(given, str | Path):
        return MemoryRows(given, columns, labels)
    if labels is not None:
        raise PostsError(f"{given}: a table has its emotions in a column; name it with columns, and leave labels out")
    return Path(given)


def columns_of(names: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Which column of posts in memory is which; see `find_columns`.

    Raises:
        TableError: A column that was given is not there, or none of them is one that can be read.
    """
    for standard, name in given.items():
        if standard not in STANDARD_COLUMNS:
            raise TableError(f"columns: {standard!r} is no standard column; these are: {', '.join(STANDARD_COLUMNS)}")
        if name not in names:
            raise TableError(f"columns: the posts have no column {name!r}; they have {listed(names)}")
    columns = find_columns(names, given, Path(NAME))
    if not columns.keys() & {*_READ} and {*names} - {*columns.values()}:
        example = "columns={'text': 'NAME', 'image': 'NAME'}"
        raise TableError(f"none of the columns {listed(names)} is a text or a picture; say which is, as in {example}")
    return columns


def with_plain_cells(row: Row, columns: Mapping[str, str], number: int) -> dict[str, object]:
    """A row with the cells that a file would give; where it has no id, that is its number.

    Raises:
        PostsError: Its id has lost digits.
    """
    image, id_name = columns.get("image"), columns.get("id")
    cells = {name: picture(value) if name == image else plain(value) for name, value in row.items()}
    if id_name is not None:
        id = cells.get(id_name)
        if isinstance(id, float):
            if not id.is_integer() or abs(id) >= _EXACT:
                raise PostsError(f"id {id!r} is a fractional number, where long ids lose digits; give ids as text")
            id = int(id)
        cells[id_name] = str(number) if id is None or (isinstance(id, str) and not id.strip()) else id
    return cells


def find_anywhere(cell: str) -> Path:
    """The file that an image cell names, wherever it is; `BadRow` for a web address."""
    if is_address(cell):
        raise BadRow(WEB_ADDRESS, cell, broken=False)
    return Path(cell)


def _one(value: Any) -> Post | Row:
    """One post of several."""
    if isinstance(value, Post):
        return value
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, Mapping):
        return value if type(value) is dict and all(type(name) is str for name in value) else _named(value)
    if is_picture(value):
        return {"image": value}
    if (cell := plain(value)) is None or isinstance(cell, str):
        return {"text": cell}
    raise PostsError(f"{TAKEN}; found {_kind(value)} among them")


def _named(row: Mapping[Any, Any]) -> Row:
    return {str(name): value for name, value in row.items()}


def _of_mapping(given: Mapping[Any, Any], named: Mapping[str, str]) -> Iterator[Post | Row]:
    """One post, or, where a column that is read holds several cells, one for each."""
    row = _named(given)
    if splits := [name for name, value in row.items() if hasattr(value, "column_names")]:
        raise PostsError(f"a dict of datasets; give one of them, as in data[{splits[0]!r}]")
    columns = columns_of([*row], named)
    cells = [row[columns[standard]] for standard in _READ if standard in columns]
    if not any(_is_column(cell) for cell in cells):
        return iter([row])
    several = {name: [*value] for name, value in row.items() if _is_column(value)}
    counts = {name: len(value) for name, value in several.items()}
    if len(several) < len(row) or len({*counts.values()}) > 1:
        said = ", ".join(f"{name!r} {counts.get(name, 'none')}" for name in row)
        raise PostsError(f"a dict of columns needs a list of equal length in each, found {said}")
    return (dict(zip(several, cells, strict=True)) for cells in zip(*several.values(), strict=True))


def _is_column(value: Any) -> bool:
    if is_picture(value) or isinstance(value, str | Mapping):
        return False
    return isinstance(value, list | tuple) or (is_array(value) and value.ndim in (1, 4)) or hasattr(value, "to_list")


def _of_pandas(frame: Any) -> Iterator[Row]:
    """The rows of a DataFrame, with the columns of an index that has a name."""
    if {*frame.index.names} - {None, *frame.columns}:
        frame = frame.reset_index()
    names = [*map(str, frame.columns)]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise TableError(f"two columns of the DataFrame have the same name ({listed(twice)}); rename one")
    for start in range(0, len(frame), _ROWS_AT_ONCE):
        part = frame.iloc[start : start + _ROWS_AT_ONCE]
        columns = [part.iloc[:, place].tolist() for place in range(len(names))]
        yield from (dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True))


def _several(array: Any) -> Any:
    """The posts of an array: texts (N,) or (N, 1), or pictures (N, H, W, 3)."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 1 and array.dtype.kind in "OUST":
        return array.tolist()
    if array.ndim == 4 and is_pixels(array[0] if len(array) else array.reshape(1, *array.shape[1:])[0]):
        return array
    raise PostsError(f"{TAKEN}; found {_kind(array)}: texts are (N,), a picture (H, W, 3) and several (N, H, W, 3)")


def _of_post(post: Post) -> Row:
    """A post as a row."""
    own = {"id": post.id, "text": post.text, "title": post.title, "image": post.image, "emotion": post.emotion}
    dated = {} if post.created_at is None else {"created_at": post.created_at}
    told = {"tags": [*post.tags], "author": post.author, "source": post.source, "url": post.url}
    return {**post.other, **dated, **{name: value for name, value in told.items() if value}, **own}


def _kind(value: Any) -> str:
    """What a value is, for messages."""
    name = f"{type(value).__module__}.{type(value).__name__}".removeprefix("builtins.")
    return f"{name} of {value.dtype} {tuple(value.shape)}" if is_array(value) else f"{name} {value!r:.40}"


def length_of(given: Any) -> int:
    """How many posts there are; 0 where nobody knows without reading them."""
    if isinstance(given, Mapping):
        return 0 if any(map(_is_column, given.values())) else 1
    if isinstance(given, str | Post) or is_picture(given):
        return 1
    return len(given) if hasattr(given, "__len__") else 0
