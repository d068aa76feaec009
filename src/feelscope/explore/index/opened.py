"""An index that is open for questions."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

from feelscope.errors import ExploreError
from feelscope.explore.index.about import ABOUT, MAP, POSTS, STEMS, THUMBNAILS, VOCABULARY, About, read_complete
from feelscope.explore.index.everything import Everything
from feelscope.explore.index.shards import Shards
from feelscope.explore.index.stem_counts import StemCounts
from feelscope.explore.index.vectors import AllVectors, Vectors
from feelscope.explore.index.vocabulary import Vocabulary
from feelscope.explore.search.engine import Engine
from feelscope.explore.search.http_engine import HttpEngine
from feelscope.explore.search.lexicon import Lexicon
from feelscope.explore.search.state import HOW_MAPPED, Facts

_ENGINE = "There is no map here: another engine (--engine) does not hold it."


@dataclass(frozen=True, slots=True, eq=False)
class OpenIndex:
    """What every view asks: an engine, the vocabulary, and what is known of all posts.

    Args:
        probabilities: Emotions that posts may have a probability of.
        model: What emotions were read with.
        thumbnails: The folder of small pictures; None where there is none.
        everything: All posts by day and emotion; one, once it was first asked for.
        word_weights: For each emotion the weights of words; filled as `views.sentences` asks.
        lexicon: The words of the archive.
        stem_counts: Posts of frequent stems by emotion.
        written: The day on which the index was last written, in UTC.
        vectors: Of the posts, in an index with a map that answers by itself; None for others.
        no_map: Why there is no map, in a sentence; empty where there is one.
        regions: The parts of the map; one list, once it was first asked for, see `views.regions`.
        opening: What the archive is, and its questions; one, once it was first asked for, see `views.opening`.
    """

    engine: Engine
    vocabulary: Vocabulary
    facts: Facts
    probabilities: tuple[str, ...]
    model: str
    thumbnails: Path | None
    lexicon: Lexicon
    stem_counts: StemCounts
    written: str = ""
    vectors: AllVectors | None = None
    no_map: str = ""
    regions: list[list[dict[str, Any]]] = field(default_factory=list)
    everything: list[Everything] = field(default_factory=list)
    word_weights: dict[str, dict[str, float]] = field(default_factory=dict)
    opening: list[dict[str, Any]] = field(default_factory=list)


def open_index(folder: Path, address: str = "") -> OpenIndex:
    """Open an index.

    Args:
        address: Of an engine that answers instead of the folder's own, see `Server`; it holds the same posts.

    Raises:
        ExploreError: There is no complete index of this version, or the engine does not hold it.
    """
    from feelscope.explore.search.tantivy_engine import TantivyEngine  # here: the trend of a table needs no tantivy

    about, facts = read_complete(folder)
    engine: Engine | None = None
    if address:
        engine = HttpEngine(address)
        engine.check(facts.posts)
    while True:
        place = folder / about.inside
        search, thumbnails = place / about.search, place / THUMBNAILS
        try:
            vocabulary = Vocabulary.read(search / VOCABULARY)
            small = thumbnails if thumbnails.is_dir() else None
            own = TantivyEngine(search)
            lexicon = Lexicon(own.words)
            seconds = (folder / ABOUT).stat().st_mtime
            written = datetime.fromtimestamp(seconds, UTC).date().isoformat()
            stems = StemCounts.read(search / STEMS)
            alike = AllVectors(Vectors(place / MAP), _firsts(place, about)) if about.mapped and not engine else None
            facts = replace(facts, mapped=alike is not None)
            return OpenIndex(
                *(engine or own, vocabulary, facts, about.probabilities, about.model, small, lexicon, stems, written),
                alike,
                "" if alike else _ENGINE if about.mapped else f"This archive has no map: {HOW_MAPPED}.",
            )
        except ExploreError:
            before = place, about.search
            about, facts = read_complete(folder)  # the files may just have been replaced by those of a newer index
            if (folder / about.inside, about.search) == before:
                raise


def _firsts(place: Path, about: About) -> dict[str, int]:
    """The shards of an index, and the number of the first post of each."""
    shards = Shards(place / POSTS)
    return dict(zip(about.shards, accumulate(map(shards.length, about.shards), initial=0), strict=False))
