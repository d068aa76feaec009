"""An index copied into Quickwit, Elasticsearch or OpenSearch, so that `HttpEngine` can ask it there."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from feelscope.errors import ExploreError
from feelscope.explore.index.about import POSTS, VERSION, VOCABULARY, About, read_complete
from feelscope.explore.index.shard_subjects import ShardSubjects
from feelscope.explore.index.shards import Shards
from feelscope.explore.index.text_numbers import TextNumbers
from feelscope.explore.index.vocabulary import read_vocabulary
from feelscope.explore.search.document import field_kinds
from feelscope.explore.search.http_call import Busy, Refused, Server
from feelscope.explore.search.state import FACETS
from feelscope.progress import Count
from feelscope.web.client import patiently

Document = dict[str, Any]
_BYTES_AT_ONCE = 5 * 2**20  # of one call; Quickwit takes 10 MB
_POSTS_AT_ONCE = 2000
_SHOWN = ("title", "text", "image", "author", "url", "source")
_TYPES: Mapping[str, Mapping[str, Any]] = {
    "keyword": {"type": "keyword"},
    "keywords": {"type": "keyword"},
    "key": {"type": "keyword"},
    "words": {"type": "text", "analyzer": "whitespace", "norms": False},
    "stems": {"type": "text", "analyzer": "whitespace", "norms": False, "index_options": "docs"},
    "numbers": {"type": "long"},
    "levels": {"type": "long"},
    "number": {"type": "long"},
    "fraction": {"type": "float"},
    "date": {"type": "date", "format": "strict_date_optional_time"},
    "yes": {"type": "boolean"},
}
_QUICKWIT_TYPES: Mapping[str, Mapping[str, Any]] = {
    "keyword": {"type": "text", "tokenizer": "raw", "fast": True},
    "key": {"type": "text", "tokenizer": "raw"},
    "keywords": {"type": "array<text>", "tokenizer": "raw", "fast": True},
    "words": {"type": "array<text>", "tokenizer": "whitespace", "record": "position"},
    "stems": {"type": "text", "tokenizer": "whitespace", "record": "basic"},
    "numbers": {"type": "array<u64>", "fast": True},
    "levels": {"type": "array<u64>"},
    "number": {"type": "i64", "fast": True},
    "fraction": {"type": "f64", "fast": True},
    "date": {"type": "datetime", "input_formats": ["rfc3339"], "fast": True, "fast_precision": "seconds"},
    "yes": {"type": "bool"},
}


def export(
    folder: Path,
    server: Server,
    *,
    rebuild: bool = False,
    progress: Count | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[int, int]:
    """Send every post of an index to an engine.

    Elasticsearch and OpenSearch know posts by their ids: after a stop, posts that are there are not added again.
    Quickwit does not, so there a stopped export starts again from the beginning.

    Args:
        rebuild: Replace the index that is there, if an export made it.

    Returns:
        How many posts were sent, and how many were there already.

    Raises:
        ExploreError: There is no such index, the engine refuses, or an index of the name is there already.
    """
    about, facts = read_complete(folder)
    _prepare(server, about, rebuild)
    sent = known = 0
    for batch in _batches(documents(folder, about)):
        new = _send(server, batch, sleep, last=sent + known + len(batch) == facts.posts)
        sent, known = sent + new, known + len(batch) - new
        if progress is not None:
            progress(sent + known, facts.posts)
    return sent, known


def documents(folder: Path, about: About) -> Iterator[Document]:
    """Every post of an index, as engines hold it; the same numbers as in the index itself."""
    place = folder / about.inside
    shards, first = Shards(place / POSTS), 0
    names, _ = read_vocabulary(place / about.search / VOCABULARY)
    vocabulary = TextNumbers(names)
    for name in about.shards:
        yield from ShardSubjects(shards, name, first, vocabulary.numbers).documents()
        first += shards.length(name)


def mapping(about: About) -> dict[str, Any]:
    """How Elasticsearch and OpenSearch hold the posts.

    One shard, as counts of subjects are exact in a single one only; any page can be asked for.
    """
    properties: dict[str, Any] = {
        name: _TYPES[kind] for name, kind in field_kinds(about.probabilities, (*FACETS, *about.facets)).items()
    }
    properties |= {name: {"type": "keyword", "index": False, "doc_values": False} for name in _SHOWN}
    properties["score"] = {"type": "double", "index": False, "doc_values": False}
    properties["facets"] = {"type": "object", "enabled": False}
    return {
        "settings": {"number_of_shards": 1, "max_result_window": 10_000_000},
        "mappings": {"dynamic": False, "_meta": _made_of(about), "properties": properties},
    }


def quickwit_config(about: About, index: str) -> dict[str, Any]:
    """How Quickwit holds the posts."""
    mappings = [
        {"name": name, **_QUICKWIT_TYPES[kind]}
        for name, kind in field_kinds(about.probabilities, (*FACETS, *about.facets)).items()
    ]
    mappings += [{"name": name, "type": "text", "indexed": False} for name in _SHOWN]
    mappings.append({"name": "score", "type": "f64", "indexed": False})
    mappings.append({"name": "facets", "type": "json", "indexed": False})
    return {"version": "0.7", "index_id": index, "doc_mapping": {"mode": "lenient", "field_mappings": mappings}}


def _made_of(about: About) -> dict[str, Any]:
    """What tells one export from another."""
    assert about.facts is not None
    search = (Path(about.inside) / about.search).as_posix()
    return {"feelscope": VERSION, "archive": about.name, "search": search, "posts": about.facts.posts}


def _prepare(server: Server, about: About, rebuild: bool) -> None:
    """Make the index there, or make sure that it is the one a stopped export began."""
    there = _there(server)
    if there is not None:
        if not rebuild and there == _made_of(about):
            return
        if not there:
            raise ExploreError(f"{server.shown}: is an index that export did not make; name another one")
        if not rebuild:
            raise ExploreError(f"{server.shown}: is there already; --rebuild replaces it")
        server.ask("DELETE", f"{server.root}/indexes/{server.index}" if server.is_quickwit else server.index)
    if server.is_quickwit:
        server.ask("POST", f"{server.root}/indexes", quickwit_config(about, server.index))
    else:
        server.ask("PUT", server.index, mapping(about))


def _there(server: Server) -> dict[str, Any] | None:
    """What an export wrote of itself into the index that is there.

    Returns:
        None where there is no index, an empty dict for one that export did not make. Quickwit keeps no such note: an
        index that has an export's fields there gets one that equals no other.
    """
    try:
        if server.is_quickwit:
            answer = server.ask("GET", f"{server.root}/indexes/{server.index}")
            names = {field["name"] for field in answer["index_config"]["doc_mapping"]["field_mappings"]}
            return {"feelscope": None} if {"exact", "words", "subject", "month", "order"} <= names else {}
        (index,) = server.ask("GET", f"{server.index}/_mapping").values()
        meta = index["mappings"].get("_meta", {})
        return dict(meta) if "feelscope" in meta else {}
    except Refused as error:
        if error.status == 404:
            return None
        raise
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ExploreError(f"{server.shown}: this does not describe an index; is this the engine?") from None


def _batches(posts: Iterator[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for post in posts:
        length = len(json.dumps(post, ensure_ascii=False).encode("utf-8", "replace")) + 200
        if batch and (size + length > _BYTES_AT_ONCE or len(batch) == _POSTS_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(post)
        size += length
    if batch:
        yield batch


def _send(server: Server, batch: Sequence[Document], sleep: Callable[[float], None], *, last: bool) -> int:
    """Send some posts; those that are there stay as they are.

    Returns:
        How many were new.
    """
    body = [part for post in batch for part in ({"create": {"_index": server.index, "_id": post["id"]}}, post)]
    address = "_bulk?refresh=wait_for" if last else "_bulk"  # the last call waits until all can be found
    answer = patiently(lambda: server.ask("POST", address, body, lines=True), Busy, sleep)
    if not isinstance(answer, dict):
        raise ExploreError(f"{server.shown}: this is not the reply to _bulk; is this the engine?")
    if "items" not in answer and "num_docs_for_processing" in answer:  # older Quickwit, which reports no faults
        return int(answer["num_docs_for_processing"])
    try:
        results = [item["create"] for item in answer["items"]]
        states = [int(result["status"]) for result in results]
    except (KeyError, TypeError, ValueError):
        raise ExploreError(f"{server.shown}: this is not the reply to _bulk; is this the engine?") from None
    if len(states) != len(batch):
        raise ExploreError(f"{server.shown}: {len(batch)} posts were sent and {len(states)} answered; try again")
    for result, state, post in zip(results, states, batch, strict=True):
        if state not in (200, 201, 409):
            fault = result.get("error")
            said = fault.get("reason") if isinstance(fault, dict) else fault
            raise ExploreError(f"{server.shown}: refuses the post {post['id']!r} ({state}: {said})")
    return sum(state != 409 for state in states)
