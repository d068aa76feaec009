"""Which column of a table is which: standard names, other names people use, and names that were given."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from feelscope.config import did_you_mean, listed
from feelscope.errors import TableError
from feelscope.table.dotted import column_of

# Standard name, then the other names it goes by, the better one first. Capitals and surrounding spaces do not count.
# Sentiment is not emotion (positive is not happy), so it is not here.
STANDARD_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("post_id", "postid", "tweet_id", "tweetid", "status_id", "comment_id", "image_id", "_id", "id_str"),
    "text": ("caption", "body", "content", "tweet", "message", "selftext", "sentence", "full_text"),
    "title": ("headline",),
    "image": ("img", "image_path", "image_file", "img_path", "picture", "photo", "filename", "file_name"),
    "emotion": ("label", "feeling"),
    "created_at": ("created", "date", "timestamp", "datetime", "created_utc"),
    "author": ("user", "account", "author_id", "user_id", "username"),
    "source": ("platform", "site"),
    "url": ("link", "permalink"),
    "tags": ("hashtags",),
}
FIELDS = ("id", "text", "title", "image", "emotion")  # of a Post
PASSED_ON = tuple(name for name in STANDARD_COLUMNS if name not in FIELDS)  # in `Post.other`, by these names
OTHER_COLUMNS = "the rows that are there have other columns; to begin again, leave out --resume"


def find_columns(names: Collection[str], given: Mapping[str, str], path: Path) -> dict[str, str]:
    """Find the standard columns among a table's.

    Args:
        names: The table's columns.
        given: Standard name to the table's name, as the user says; a dotted one reaches into a column, see `dotted.py`.
        path: For messages.

    Returns:
        Standard name to the table's name, for those that are there.

    Raises:
        TableError: A given name is not a standard column, or not in the table.
    """
    for standard, name in given.items():
        if standard not in STANDARD_COLUMNS:
            hint = did_you_mean(standard, STANDARD_COLUMNS)
            raise TableError(f"--columns {standard}={name}: {standard!r} is not a standard column; {hint}")
        if name not in names and column_of(name, names) is None:
            raise TableError(f"{path}: no column {name!r}; {did_you_mean(name, names)}")
        if list(given.values()).count(name) > 1:
            raise TableError(f"--columns: {name!r} is given twice; one column can be one thing only")
    columns: dict[str, str] = {}
    for standard, others in STANDARD_COLUMNS.items():
        free = [name for name in names if name not in given.values()]
        if chosen := given.get(standard) or _first(free, standard, others):
            columns[standard] = chosen
    return columns


def check_names(names: Sequence[str], path: Path) -> None:
    """Refuse a table with two columns of one name."""
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise TableError(f"{path}: two columns have the same name ({listed(twice)}); rename one")


def check_columns(names: Collection[str], columns: Mapping[str, str], need: Iterable[str], path: Path) -> None:
    """Refuse a table without ids, without anything to read, or without a needed column."""
    for standard in dict.fromkeys(["id", *need]):
        if standard not in columns:
            example = f"--columns {standard}=NAME"
            raise TableError(f"{path}: no {standard} column; it has {listed(names)}; name one with {example}")
    if not {"text", "title", "image"} & columns.keys():
        example = "--columns text=NAME,image=NAME"
        raise TableError(f"{path}: no text and no image column; it has {listed(names)}; name one with {example}")


def _first(names: Iterable[str], standard: str, others: Iterable[str]) -> str | None:
    """Choose the column for a standard name: itself, in other capitals, then by another name."""
    by_word: dict[str, str] = {}
    for name in names:
        by_word.setdefault(name.strip().lower(), name)
        if name == standard:
            return name
    return next((by_word[word] for word in (standard, *others) if word in by_word), None)
