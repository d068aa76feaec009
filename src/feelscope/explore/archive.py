"""An index that is open for questions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from feelscope.errors import ExploreError
from feelscope.explore.about import THUMBNAILS, VOCABULARY, About, read_complete
from feelscope.explore.engine import Engine
from feelscope.explore.post_view import post
from feelscope.explore.sentence_choice import Strength
from feelscope.explore.state import State
from feelscope.explore.views import PARTS, views
from feelscope.explore.vocabulary import Vocabulary
from feelscope.explore.why import why


class Archive:
    """What is asked: an engine, the vocabulary, and what is known of all posts.

    Attributes:
        thumbnails: The folder of small pictures; None where there is none.
    """

    def __init__(self, engine: Engine, vocabulary: Vocabulary, about: About, thumbnails: Path | None = None) -> None:
        assert about.facts is not None
        self.engine, self.vocabulary, self.facts = engine, vocabulary, about.facts
        self.probabilities, self.thumbnails, self.model = about.probabilities, thumbnails, about.model
        # What was asked before and does not change: posts by bin, and what words say of emotions.
        self.by_bin: dict[str, Counter[str]] = {}
        self.strengths: dict[str, Strength] = {}

    def views(
        self,
        state: State | Mapping[str, str | None],
        *,
        unit: str = "month",
        parts: Sequence[str] = PARTS,
        subjects_page: int = 1,
        sentences_page: int = 1,
    ) -> dict[str, Any]:
        """The views of a state; see `feelscope.explore.views`."""
        state = state if isinstance(state, State) else State.read(state)
        pages = {"subjects_page": subjects_page, "sentences_page": sentences_page}
        return views(self, state, unit=unit, parts=parts, **pages)

    def post(self, id: str) -> dict[str, Any] | None:
        """One post, and the words its emotion rests on; None where the archive has none of this id."""
        found = post(self, id)
        if found is not None:
            small = self.thumbnails / Path(found["image"]).name if self.thumbnails and found["image"] else None
            found["why"] = why(self.model, found, small)
        return found


def open_archive(folder: Path | str, engine: Engine | None = None) -> Archive:
    """Open an index.

    Args:
        engine: What answers instead of the index itself: a cluster that holds the same posts.

    Raises:
        ExploreError: There is no complete index of this version.
    """
    folder = Path(folder)
    about = read_complete(folder)
    try:
        return _open(folder, about, engine)
    except ExploreError:
        newer = read_complete(folder)  # the files may just have been replaced by those of a newer index
        if newer.search == about.search:
            raise
        return _open(folder, newer, engine)


def _open(folder: Path, about: About, engine: Engine | None) -> Archive:
    from feelscope.explore.tantivy_engine import TantivyEngine

    search, thumbnails = folder / about.search, folder / THUMBNAILS
    vocabulary = Vocabulary.read(search / VOCABULARY)
    return Archive(engine or TantivyEngine(search), vocabulary, about, thumbnails if thumbnails.is_dir() else None)
