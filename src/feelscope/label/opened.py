"""What is labelled: a dataset of `prepare`, a posts table or a folder of pictures, and where its answers lie.

dataset/               dataset/answers.jsonl
posts.csv              posts.csv.answers.jsonl
photos/                photos.answers.jsonl
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from feelscope.emotions import meaning
from feelscope.errors import LabelError
from feelscope.files import writing
from feelscope.post import Post
from feelscope.prepare.folder import ANSWERS, POSTS
from feelscope.table import PostsTable


@dataclass(frozen=True, slots=True)
class Opened:
    """What was opened to be labelled."""

    path: Path
    posts: Sequence[Post]
    answers: Path  # the file, which need not be there

    @property
    def emotions(self) -> tuple[str, ...]:
        """Those that its posts have."""
        return tuple(sorted({post.emotion for post in self.posts if post.emotion}))


def is_dataset(path: Path) -> bool:
    """Whether a path is a folder that `prepare` wrote."""
    return (path / POSTS).is_file()


def answers_of(path: Path) -> Path:
    """The file of the answers to what lies at a path."""
    if is_dataset(path):
        return path / ANSWERS
    named = path if path.name not in ("", "..") else path.resolve()  # "." has no name of its own
    return named.with_name(f"{named.name}.answers.jsonl")


def check_there(path: Path) -> None:
    """Refuse a path where nothing lies; `LabelError` says what could."""
    if not path.exists():
        raise LabelError(
            f"{path}: not there; name a posts table, a folder of pictures, or a dataset of feelscope prepare"
        )


@contextmanager
def answering(path: Path, answers: Path) -> Iterator[None]:
    """Until the block ends, no other process writes the answers, nor the dataset.

    Raises:
        LabelError: Another process does, or the folder of the answers does not exist.
    """
    if not answers.parent.is_dir():
        raise LabelError(f"{answers}: the folder {answers.parent} does not exist; make it first")
    with ExitStack() as held:
        if is_dataset(path):
            held.enter_context(writing(path, LabelError))
        if answers != path / ANSWERS:
            held.enter_context(writing(answers, LabelError))
        yield


def read(path: Path, answers: Path | None = None, table: PostsTable | None = None) -> Opened:
    """Read what is to be labelled.

    Args:
        answers: Where the answers lie, if not in their usual place.
        table: The table at the path, as it is to be read; of a post with several rows, one is shown.

    Raises:
        TableError: There is no such table, folder or dataset.
        LabelError: It has no post.
    """
    if table is None:
        check_there(path)
        table = PostsTable(path / POSTS if is_dataset(path) else path, same=meaning, keep_ties=True)
    posts = list(table)
    if not posts:
        raise LabelError(f"{path}: there is no post in it")
    return Opened(path, posts, answers or answers_of(path))
