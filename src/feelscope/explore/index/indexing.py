"""The engine's folder, made of all shards or of those in use and new ones.

Adding starts from hard links to the files in use, so only new posts are written; the result is the same as of all
shards at once, because a post that is there already is written again where one of its subjects has just become frequent
enough for the vocabulary.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import numpy as np

from feelscope.errors import ExploreError
from feelscope.explore.index.about import MAP, POSTS, STEMS, VOCABULARY, About
from feelscope.explore.index.growth import first_vocabulary, grown
from feelscope.explore.index.placing import Place, Places
from feelscope.explore.index.rare_subjects import RareWriter
from feelscope.explore.index.shard_subjects import ShardSubjects
from feelscope.explore.index.shards import Shards
from feelscope.explore.index.stem_counts import StemCounts, count_stems
from feelscope.explore.index.vectors import Vectors
from feelscope.explore.index.vocabulary import write_vocabulary
from feelscope.explore.search.state import FACETS, Facts, in_usual_order
from feelscope.explore.search.tantivy_engine import TantivyEngine, TantivyWriter
from feelscope.progress import Progress, silent

_DAY = 86_400  # seconds


def index_shards(place: Path, about: About, progress: Progress = silent) -> About:
    """Make the engine's folder of all shards.

    Args:
        place: Where the index's files are.
        about: As it is now; the shards that it names are in its engine's folder.

    Returns:
        What about.json will say.
    """
    shards = Shards(place / POSTS)
    names = shards.names()
    if lost := sorted({*about.shards} - {*names}):
        raise ExploreError(f"{shards.folder / lost[0]}: this file is missing; rebuild it with --rebuild")
    new = [name for name in names if name not in {*about.shards}]
    facts = _facts(shards, new, about)
    probabilities = tuple(
        dict.fromkeys((*about.probabilities, *(one for name in new for one in shards.emotions(name))))
    )
    target = place / f"search-{int(about.search.rpartition('-')[2] or 0) + 1:06}"
    firsts = dict(zip(names, accumulate(map(shards.length, names), initial=0), strict=False))
    places = Places(Vectors(place / MAP)) if about.mapped else None
    if places is not None:
        places.write(firsts, progress)
    is_added_to = bool(about.search) and set(probabilities) <= set(about.probabilities)
    if is_added_to:
        skipped = shutil.ignore_patterns(VOCABULARY, STEMS, "*.lock")
        shutil.copytree(place / about.search, target, ignore=skipped, copy_function=_link)
        before = {name: first for name, first in firsts.items() if name in {*about.shards}}
        vocabulary = grown(shards, before, new, place / about.search / VOCABULARY, target)
    else:
        new = names
        target.mkdir()
        vocabulary = first_vocabulary(shards, names)
    done = 0

    def placed(name: str) -> dict[int, Place] | None:
        return None if places is None else places.read(name)

    def tell() -> None:
        progress("indexing", done, done if is_added_to else facts.posts, "")

    with TantivyWriter(target, probabilities, (*FACETS, *about.facets), mapped=about.mapped) as writer:
        for name in sorted(vocabulary.touched):
            subjects = ShardSubjects(shards, name, firsts[name], vocabulary.numbers)
            for post in subjects.documents(len(vocabulary.before), placed(name)):
                writer.delete(post["id"])
                writer.add(post)
                done += 1
                tell()
        with RareWriter(target, new[0]) as rare:
            for name, after in zip(new, [*new[1:], new[-1]], strict=True):
                subjects = ShardSubjects(shards, name, firsts[name], vocabulary.numbers)
                rare.add(*subjects.rare(), after)
                for post in subjects.documents(places=placed(name)):
                    writer.add(post)
                    done += 1
                    tell()
        writer.commit()
    write_vocabulary(target / VOCABULARY, vocabulary.names, vocabulary.posts)
    if is_added_to and about.facts is not None and 2 * facts.posts <= 3 * about.facts.posts:
        stems = StemCounts.read(place / about.search / STEMS).with_posts(shards, new)
    else:
        stems = count_stems(TantivyEngine(target), shards, names, facts.emotions)
    stems.write(target / STEMS)
    return replace(about, probabilities=probabilities, search=target.name, shards=tuple(names), facts=facts)


def _facts(shards: Shards, new: Sequence[str], about: About) -> Facts:
    """What all posts together are: what is known of those before, and what new shards have."""
    import pyarrow.compute as pc

    before = about.facts
    posts, undated, pictures = (before.posts, before.undated, before.pictures) if before else (0, 0, False)
    emotions, used = ({*before.emotions}, {*before.facets}) if before else (set(), set())
    days = [_seconds(before.start), _seconds(before.end) - 1] if before and before.start and before.end else []
    for name in new:
        table = shards.columns([name], ("created_at", "emotion", "image", "source", "author"))
        posts, undated = posts + len(table), undated + table["created_at"].null_count
        emotions |= {*table["emotion"].unique().to_pylist()} - {""}
        used |= {one for one in ("source", "author") if pc.any(pc.not_equal(table[one], "")).as_py()}
        used.update(shards.facets(name))
        pictures = pictures or bool(pc.any(pc.not_equal(table["image"], "")).as_py())
        days += [second for second in pc.min_max(table["created_at"]).as_py().values() if second is not None]
    start, end = (_day(min(days)), _day(max(days) + _DAY)) if days else (None, None)
    facets = tuple(name for name in (*FACETS, *about.facets) if name in used)
    return Facts(posts, start, end, in_usual_order(emotions), undated, pictures, about.name, facets, about.mapped)


def _day(seconds: int) -> str:
    return str(np.datetime64(seconds, "s").astype("datetime64[D]"))


def _seconds(day: str) -> int:
    return int(np.datetime64(day, "s").astype(int))


def _link(source: str, target: str) -> None:
    """The same file under another name; the engine writes each once and never changes it, except its lists."""
    try:
        if source.endswith(".json"):
            shutil.copy(source, target)
        else:
            os.link(source, target)
    except OSError:  # a file system without links
        shutil.copy(source, target)
