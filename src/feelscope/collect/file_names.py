"""Of which source a file's posts are, so that no post takes another's place.

2021/train.csv  ->  train:1, train:2          the file's name, as long as no other file has it
2022/train.csv  ->  train-2:1, train-2:2      told in a note
reddit20k.csv   ->  reddit:eufxn              ids that were collected before stay as they are
"""

from itertools import count
from pathlib import Path

from feelscope.post import Post
from feelscope.store import Store
from feelscope.table import BadRow

# Whose ids are everybody's; the first three are collected here.
PLATFORMS = frozenset(
    "reddit tumblr flickr twitter x mastodon bluesky instagram tiktok threads facebook youtube telegram weibo".split()
)


class FileNames:
    """Names of sources for files and folders.

    Args:
        store: Knows the files that were read before; None knows of none.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._taken: dict[str, str] = {}  # name to the query of its file, in this run

    def of(self, path: Path, query: str) -> str:
        """The name of a file's source: the file's own, with a number where other files have it."""
        usual = usual_name(path)
        tried = (usual if number == 1 else f"{usual}-{number}" for number in count(1))
        name = next(name for name in tried if not self._is_of_another(name, query))
        self._taken[name] = query
        return name

    def _is_of_another(self, name: str, query: str) -> bool:
        if self._taken.get(name, query) != query:
            return True
        return self._store is not None and self._store.is_of_another(name, query)

    def check_free(self, source: str, post: Post, query: str) -> None:
        """Refuse a post whose place another file's has.

        Raises:
            BadRow: Another file has other words under this id.
        """
        held = None if self._store is None else self._store.held_by(f"{source}:{post.id}", query)
        if held is not None and held[1:] != (post.title, post.text):
            raise BadRow("another file has another post of this id, which stays", held[0], post.id, broken=False)


def usual_name(path: Path) -> str:
    """What a file or folder is called."""
    return path.resolve().name if path.is_dir() else path.stem


def identity_of(post: Post, name: str) -> tuple[str, str]:
    """The source and the id of a table's post.

    Args:
        name: Of the file's source, for posts that name none.
    """
    prefix, _, rest = post.id.partition(":")
    if rest and (prefix == post.source or (not post.source and prefix in PLATFORMS)):
        return prefix, rest
    return post.source or name, post.id
