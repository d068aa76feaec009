"""Requests answered by tantivy in this process."""

import json
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

from feelscope.errors import ExploreError, needs_extra, one_line
from feelscope.explore.search.document import SHOWN, field_kinds
from feelscope.explore.search.engine import Reply, hits
from feelscope.explore.search.request import Query, Request

with needs_extra("exploring", "explore"):
    import tantivy
    from tantivy import FieldType, Occur, Order

_write = json.JSONEncoder(ensure_ascii=False).encode
_COUNT = "posts that match"
_POST = "post"  # what is shown of a post, as JSON
_MEMORY = 300_000_000  # bytes that are gathered before a segment is written
_LAST = 2**63 - 1  # that an `order` can be
_NUMBERS = ("order", "x", "y")  # that ranges are asked of
_ALL = tantivy.Query.all_query()
_OCCURS = {"filter": Occur.Must, "should": Occur.Should, "must_not": Occur.MustNot}


class TantivyEngine:
    """Answers from a folder that `TantivyWriter` wrote."""

    def __init__(self, folder: Path) -> None:
        try:
            self._index = tantivy.Index.open(str(folder))
        except ValueError as error:
            raise ExploreError(f"{folder}: cannot be opened ({one_line(error)}); rebuild it with --rebuild") from error
        self._schema = self._index.schema
        meta = json.loads((folder / "meta.json").read_bytes())
        self._fractions = [field["name"] for field in meta["schema"] if field["type"] == "f64"]  # shown, and kept once
        self._searcher = self._index.searcher()
        self._is_whole = not any(segment["deletes"] for segment in meta["segments"])
        several = (os.cpu_count() or 1) > 1
        self._second = ThreadPoolExecutor(1, thread_name_prefix="feelscope") if several else None

    def search(self, request: Request) -> Reply:
        """Answer one request; see `Engine`."""
        try:
            return self._search(request)
        except ValueError as error:
            if "bucket limit" in str(error):  # dense days of decades, by emotion
                hint = "ask by a longer unit or for a shorter span"
                raise ExploreError(f"more than 65,000 numbers would be counted at once; {hint}") from error
            raise ExploreError(f"the index cannot answer this ({one_line(error)})") from error

    def _search(self, request: Request) -> Reply:
        if not request["size"] and "aggs" not in request:
            number = self._known_number(request["query"])
            if number is not None:
                return hits(number)
        query = self._query(request["query"])
        if not request["size"]:
            # A value that every post has once counts them in the same walk as the rest.
            asked = {**request.get("aggs", {}), _COUNT: {"value_count": {"field": "order"}}}
            aggregations = self._searcher.aggregate(query, asked)
            return {**hits(int(aggregations.pop(_COUNT)["value"]), []), "aggregations": aggregations}
        ((field, order),) = (pair for sort in request["sort"] for pair in sort.items())
        listed = self._searcher.search(
            query,
            limit=request["size"],
            offset=request.get("from", 0),
            order_by_field=field,
            order=Order.Asc if order == "asc" else Order.Desc,
        )
        number = listed.count  # type: ignore[attr-defined] # its type lacks it
        addresses = [address for _, address in listed.hits]
        if names := request.get("docvalue_fields"):
            columns = [self._searcher.fast_field_values(name, addresses) for name in names] if addresses else []
            rows = zip(*columns, strict=True)
            given = [{"fields": {name: [value] for name, value in zip(names, row, strict=True)}} for row in rows]
            return hits(number, given)
        sources = [json.loads(bytes(self._searcher.doc(address)[_POST][0])) for address in addresses]
        for fraction in self._fractions if addresses else ():
            for source, value in zip(sources, self._searcher.fast_field_values(fraction, addresses), strict=True):
                source |= {} if value is None else {fraction: value}
        keys = [[key] for key, _ in listed.hits]
        posts = zip(sources, keys, strict=True)
        return hits(number, [{"_id": source["id"], "_source": source, "sort": key} for source, key in posts])

    def search_all(self, requests: Sequence[Request]) -> list[Reply]:
        """Answer several, on two processors where there are two; see `Engine`."""
        if len(requests) < 2 or self._second is None:
            return [self.search(request) for request in requests]
        left, replies = deque(enumerate(requests)), [Reply()] * len(requests)

        def answer() -> None:
            while left:
                try:
                    number, request = left.popleft()
                except IndexError:  # the other thread took the last one
                    return
                replies[number] = self.search(request)

        other = self._second.submit(answer)
        answer()
        if not other.cancel():  # a thread that answers for somebody else has nothing left to take here
            other.result()
        return replies

    def words(self, prefix: str) -> list[tuple[str, int]]:
        """The words of the archive that begin with these letters, and about how many posts have each."""
        return self._searcher.terms_with_prefix("exact", prefix)

    def _known_number(self, query: Query) -> int | None:
        """How many posts have one term, which an index knows while no post was deleted from it; None otherwise."""
        ((kind, body),) = query.items()
        if kind == "bool":
            alone = body["filter"][0] if [*body] == ["filter"] and len(body["filter"]) == 1 else None
            return None if alone is None else self._known_number(alone)
        if kind != "term" or not self._is_whole:
            return None
        ((field, value),) = body.items()
        return self._searcher.doc_freq(field, _value(field, value))

    def _query(self, query: Query) -> Any:
        """Tantivy's form of a query."""
        ((kind, body),) = query.items()
        make = tantivy.Query
        if kind == "match_all":
            return _ALL
        if kind == "match_none":
            return make.empty_query()
        if kind == "bool":
            return make.boolean_query([(_OCCURS[how], self._query(one)) for how, all in body.items() for one in all])
        ((field, value),) = body.items()
        if kind == "term":
            return make.term_query(self._schema, field, _value(field, value), index_option="basic")
        if kind == "match_phrase":
            return make.phrase_query(self._schema, field, value["query"].split())
        assert kind == "range", kind
        if field in _NUMBERS:
            ends = value["gte"], value.get("lt", _LAST)
            return make.range_query(self._schema, field, FieldType.Integer, *ends, True, False)
        low, high = (datetime.fromisoformat(value[end]) for end in ("gte", "lt"))
        return make.range_query(self._schema, field, FieldType.Date, low, high, True, False)


def _value(field: str, body: Mapping[str, Any]) -> Any:
    """The value of a `term`."""
    return body["value"] == "true" if field == "pictured" else body["value"]


class TantivyWriter:
    """Writes documents into a folder; none of them is there before `commit`.

    Args:
        folder: Made where it is missing; documents that are there stay.
        emotions: For their probabilities; a folder that has documents keeps its own.
        facets: Names of all that posts may have; the same.
        mapped: Whether posts may have a place on a map; the same.
    """

    def __init__(self, folder: Path, emotions: Sequence[str], facets: Sequence[str], *, mapped: bool = False) -> None:
        folder.mkdir(exist_ok=True)
        self._kinds = field_kinds(emotions, facets, mapped=mapped)
        self._schema = _schema(self._kinds)
        index = tantivy.Index(self._schema, str(folder))
        # One thread: posts are then in few large segments, which are counted faster than many small ones.
        self._writer = index.writer(heap_size=_MEMORY, num_threads=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        del self._writer

    def add(self, document: Mapping[str, Any]) -> None:
        """Add a document of `feelscope.explore.search.document`."""
        fields = {field: document[field] for field in self._kinds if field in document}
        if "created_at" in fields:
            fields["created_at"] = datetime.fromisoformat(fields["created_at"])
        shown = {name: document[name] for name in SHOWN if name in document}
        fields[_POST] = _write(shown).encode()
        self._writer.add_document(tantivy.Document.from_dict(fields, self._schema))

    def delete(self, id: str) -> None:
        """Remove the post of this id."""
        self._writer.delete_documents_by_term("id", id)

    def commit(self) -> None:
        """Write everything, and wait until small segments are merged."""
        self._writer.commit()
        self._writer.wait_merging_threads()


def _schema(kinds: Mapping[str, str]) -> Any:
    schema = tantivy.SchemaBuilder()
    keyword = partial(schema.add_text_field, tokenizer_name="raw", index_option="basic")
    add: Mapping[str, Callable[[str], object]] = {
        "keyword": partial(keyword, fast=True),
        "keywords": partial(keyword, fast=True),
        "key": keyword,
        "words": partial(schema.add_text_field, tokenizer_name="whitespace"),
        "stems": partial(schema.add_text_field, tokenizer_name="whitespace", index_option="basic"),
        "numbers": partial(schema.add_unsigned_field, indexed=True, fast=True),
        "levels": partial(schema.add_unsigned_field, indexed=True),
        "number": partial(schema.add_integer_field, fast=True),
        "fraction": partial(schema.add_float_field, fast=True),
        "date": partial(schema.add_date_field, indexed=True, fast=True),
        "yes": partial(schema.add_boolean_field, indexed=True),
    }
    for field, kind in kinds.items():
        (keyword if field == "id" else add[kind])(field)  # ids are looked up, never counted
    schema.add_bytes_field(_POST, stored=True, indexed=False)
    return schema.build()
