"""What can go wrong for a user. Every message says what was expected, what came, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager


class FeelscopeError(Exception):
    """Feelscope could not do what was asked."""


class TableError(FeelscopeError):
    """The posts table cannot be read."""


class PostsError(FeelscopeError, TypeError):
    """What was given in memory is no posts."""


class PictureError(FeelscopeError):
    """The picture cannot be read.

    Args:
        kind: What went wrong without what differs from picture to picture, so that it can be counted.
    """

    def __init__(self, said: str, kind: str = "") -> None:
        super().__init__(said)
        self.kind = kind


class ModelError(FeelscopeError):
    """The model cannot be loaded or does not fit the posts."""


class ConfigError(FeelscopeError):
    """The recipe or an option has a wrong name or value."""


class MissingExtra(FeelscopeError):
    """A part of Feelscope that this command needs is not installed."""


class WordsError(FeelscopeError):
    """The word vectors cannot be read."""


class StoreError(FeelscopeError):
    """The database of collected posts cannot be used."""


class CollectError(FeelscopeError):
    """A source gave no posts."""


class PageError(FeelscopeError):
    """A page cannot be shown on this machine."""


class LabelError(FeelscopeError):
    """There is nothing to label, or the answers cannot be used."""


class ExploreError(FeelscopeError):
    """The archive's index cannot be used or the question cannot be answered."""


class EstimateError(FeelscopeError):
    """Shares cannot be estimated from these labels and predictions."""


def one_line(error: BaseException) -> str:
    """What an error of another package says, in one line; its name where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__


@contextmanager
def needs_extra(work: str, extra: str) -> Iterator[None]:
    """Around imports: a package that is missing or broken is an error that says what to install.

    Raises:
        MissingExtra: A package of the extra cannot be imported.
    """
    try:
        yield
    except ImportError as error:
        package = (error.name or "more packages").partition(".")[0]
        if package == "feelscope":
            raise
        raise MissingExtra(f'{work} needs {package}: pip install "feelscope[{extra}]"') from error
