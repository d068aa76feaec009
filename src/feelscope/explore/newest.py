"""The newest of an archive: opened again once posts were added to it, so that a page shows them."""

import threading
from pathlib import Path

from feelscope.errors import ExploreError
from feelscope.explore.archive import Archive, open_archive
from feelscope.explore.index.about import ABOUT


class NewestArchive:
    """An archive that is looked at whenever it is asked for. Safe to call from many threads.

    Args:
        folder: Of its index.

    Raises:
        ExploreError: As `open_archive`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._opening = folder, threading.Lock()
        self._seen = self._mark()
        self._archive = open_archive(folder)

    def __call__(self) -> Archive:
        """The archive as it is now; as it was, where it cannot be opened or is being opened by somebody else."""
        if self._mark() != self._seen and self._opening.acquire(blocking=False):
            try:
                self._seen = self._mark()
                self._archive = open_archive(self._folder)
            except ExploreError:
                return self._archive  # of another version, or rebuilt by halves: what is open still answers
            finally:
                self._opening.release()
        return self._archive

    def _mark(self) -> tuple[int, int, int]:
        """What is another after each writing: the file that is written last is replaced."""
        try:
            found = (self._folder / ABOUT).stat()
        except OSError:
            return 0, 0, 0
        return found.st_mtime_ns, found.st_ino, found.st_size
