"""Requests answered by tantivy in this process."""

import json
import os
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from feelscope.errors import ExploreError, needs_extra
from feelscope.explore.search.document import SHOWN, field_kinds
from feelscope.explore.search.engine import Reply
from feelscope.explore.search.request import Query, Request

with needs_extra("exploring", "explore"):
    import tantivy
    from tantivy import FieldType, Occur, Order

_write = json.JSONEncoder(ensure_ascii=False).encode
_COUNT = "posts that match"
_POST = "post"  # what is shown of a post, as JSON
_MEMORY = 300_000_000  # bytes that are gathered before a segment is written
_ALL = tantivy.Query.all_query()


class TantivyEngine:
    """Answers from a folder that `TantivyWriter` wrote."""

    def __init__(self, folder: Path) -> None:
        try:
            self._index = tantivy.Index.open(str(folder))
        except ValueError as error:
            raise ExploreError(f"{folder}: cannot be opened ({_line(error)}); rebuild it with --rebuild") from error
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        several = (os.cpu_count() or 1) > 1
        self._second = ThreadPoolExecutor(1, thread_name_prefix="feelscope") if several else None

    def search(self, request: Request) -> Reply:
        """Answer one request; see `Engine`."""
        query = self._query(request["query"])
        if not request["size"]:
            # A value that every post has once counts them in the same walk as the rest.
            aggregations = self._searcher.aggregate(
                query, {**request.get("aggs", {}), _COUNT: {"value_count": {"field": "order"}}}
            )
            return {**_hits(int(aggregations.pop(_COUNT)["value"]), []), "aggregations": aggregations}
        ((field, order),) = (pair for sort in request["sort"] for pair in sort.items())
        listed = self._searcher.search(
            query,
            limit=request["size"],
            offset=request.get("from", 0),
            order_by_field=field,
            order=Order.Asc if order == "asc" else Order.Desc,
        )
        number = listed.count  # type: ignore[attr-defined] # its type lacks it
        return _hits(number, [self._hit(address) for _, address in listed.hits])

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

    def _hit(self, address: Any) -> dict[str, Any]:
        source = json.loads(bytes(self._searcher.doc(address)[_POST][0]))
        return {"_id": source["id"], "_source": source}

    def _query(self, query: Query) -> Any:
        """Tantivy's form of a query."""
        ((kind, body),) = query.items()
        make = tantivy.Query
        if kind == "match_all":
            return _ALL
        if kind == "match_none":
            return make.empty_query()
        if kind == "bool":
            return make.boolean_query([(Occur.Must, self._query(clause)) for clause in body["filter"]])
        ((field, value),) = body.items()
        if kind == "term":
            return make.term_query(self._schema, field, value, index_option="basic")
        if kind == "terms":
            return make.term_set_query(self._schema, field, value)
        if kind == "match":
            words = [make.term_query(self._schema, field, word, "basic") for word in value["query"].split()]
            return words[0] if len(words) == 1 else make.boolean_query([(Occur.Must, word) for word in words])
        if kind == "match_phrase":
            return make.phrase_query(self._schema, field, value["query"].split())
        assert kind == "range", kind
        low, high = (datetime.fromisoformat(value[end]) for end in ("gte", "lt"))
        return make.range_query(self._schema, field, FieldType.Date, low, high, True, False)


class TantivyWriter:
    """Writes documents into a folder; none of them is there before `commit`.

    Args:
        folder: Made where it is missing; documents that are there stay.
        emotions: For their probabilities; a folder that has documents keeps its own.
    """

    def __init__(self, folder: Path, emotions: Sequence[str]) -> None:
        folder.mkdir(exist_ok=True)
        self._kinds = field_kinds(emotions)
        self._index = tantivy.Index(_schema(self._kinds), str(folder))
        # One thread: posts then stand in few large segments, which are counted faster than many small ones.
        self._writer = self._index.writer(heap_size=_MEMORY, num_threads=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        del self._writer

    def add(self, document: Mapping[str, Any]) -> None:
        """Add a document of `feelscope.explore.search.document`."""
        fields = tantivy.Document()
        for field, kind in self._kinds.items():
            if (value := document.get(field)) is None:
                continue
            if kind == "keyword":
                fields.add_text(field, value)
            elif kind == "words":
                for words in value:
                    fields.add_text(field, words)
            elif kind == "numbers":
                for number in value:
                    fields.add_unsigned(field, number)
            elif kind == "number":
                fields.add_integer(field, value)
            elif kind == "fraction":
                fields.add_float(field, value)
            elif kind == "date":
                fields.add_date(field, datetime.fromisoformat(value))
            else:
                fields.add_boolean(field, value)
        shown = {name: document[name] for name in SHOWN if name in document}
        fields.add_bytes(_POST, _write(shown).encode())
        self._writer.add_document(fields)

    def delete(self, id: str) -> None:
        """Remove the post of this id."""
        self._writer.delete_documents_by_term("id", id)

    def commit(self) -> None:
        """Write everything, and wait until small segments are merged."""
        self._writer.commit()
        self._writer.wait_merging_threads()


def _hits(number: int, hits: list[dict[str, Any]]) -> Reply:
    return {"hits": {"total": {"value": number, "relation": "eq"}, "hits": hits}}


def _schema(kinds: Mapping[str, str]) -> Any:
    schema = tantivy.SchemaBuilder()
    for field, kind in kinds.items():
        if kind == "keyword":
            schema.add_text_field(field, fast=field != "id", tokenizer_name="raw", index_option="basic")
        elif kind == "words":
            schema.add_text_field(field, tokenizer_name="whitespace")
        elif kind == "numbers":
            schema.add_unsigned_field(field, indexed=True, fast=True)
        elif kind == "number":
            schema.add_integer_field(field, fast=True)
        elif kind == "fraction":
            schema.add_float_field(field, fast=True)
        elif kind == "date":
            schema.add_date_field(field, indexed=True, fast=True)
        else:
            schema.add_boolean_field(field, indexed=True)
    schema.add_bytes_field(_POST, stored=True, indexed=False)
    return schema.build()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
