"""A stand-in for Elasticsearch and Quickwit on this machine: refuses what they would, answers as documented.

What is written of the two in their documentation is checked of every request: methods, paths, content types, bodies.
What they would count is counted by tantivy on the documents that came by `_bulk`.
"""

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from feelscope.explore.search.tantivy_engine import TantivyEngine, TantivyWriter

Answer = tuple[int, Any]
BODY = {"query", "size", "from", "sort", "aggs", "track_total_hits"}  # that both know
QUERIES = {"match_phrase", "term", "range", "match_all"}


class Wrong(Exception):
    """The request is not as documented."""


class SearchEngine:
    """What one server holds.

    Args:
        quickwit: Answers as Quickwit; else as Elasticsearch and OpenSearch.

    Attributes:
        calls: Method and path of every call.
        replies: What the next calls are answered with instead, status and body each.
    """

    def __init__(self, quickwit: bool) -> None:
        self.quickwit = quickwit
        self.documents: dict[str, list[dict[str, Any]]] = {}
        self.mappings: dict[str, Any] = {}
        self.calls: list[tuple[str, str]] = []
        self.replies: list[tuple[int, bytes]] = []
        self.authorization: list[str | None] = []
        self.address = ""
        self._engines: dict[str, tuple[int, TantivyEngine]] = {}

    def answer(self, method: str, path: str, kind: str | None, body: bytes) -> Answer:
        """What the real one would answer, as documented."""
        root = "/api/v1/_elastic" if self.quickwit else ""
        try:
            if self.quickwit and (found := re.fullmatch(r"/api/v1/indexes(?:/([\w.-]+))?", path)):
                return self._manage(method, found[1], body)
            if not path.startswith(root):
                return 404, {"message": "Route not found"}
            path = path.removeprefix(root)
            if method == "POST" and re.fullmatch(r"/_bulk(\?refresh=wait_for)?", path):
                return self._bulk(_ndjson(kind, body))
            if method == "POST" and path == "/_msearch":
                return self._searches(_ndjson(kind, body))
            if method == "POST" and (found := re.fullmatch(r"/([\w.-]+)/_search", path)):
                _check(kind == "application/json", "content type")
                return self._search(found[1], json.loads(body))
            if not self.quickwit and (found := re.fullmatch(r"/([\w.-]+)(/_mapping)?", path)):
                return self._mapping(method, found[1], bool(found[2]), kind, body)
        except Wrong as wrong:
            return 400, {"error": {"type": "illegal_argument_exception", "reason": str(wrong)}, "status": 400}
        return 405, {"error": f"Incorrect HTTP method for uri [{path}] and method [{method}]", "status": 405}

    def _missing(self, index: str) -> Answer:
        cause = {"type": "index_not_found_exception", "reason": f"no such index [{index}]"}
        return 404, {"error": {"root_cause": [cause], **cause}, "status": 404}

    def _mapping(self, method: str, index: str, whole: bool, kind: str | None, body: bytes) -> Answer:
        if method == "PUT":
            _check(kind == "application/json", "content type")
            made = json.loads(body)
            _check(set(made) <= {"settings", "mappings", "aliases"}, "body")
            if index in self.mappings:
                cause = {"type": "resource_already_exists_exception", "reason": f"index [{index}] already exists"}
                return 400, {"error": {"root_cause": [cause], **cause}, "status": 400}
            self.mappings[index], self.documents[index] = made["mappings"], []
            return 200, {"acknowledged": True, "shards_acknowledged": True, "index": index}
        if index not in self.mappings:
            return self._missing(index)
        if method == "GET" and whole:
            return 200, {index: {"mappings": self.mappings[index]}}
        _check(method == "DELETE" and not whole, method)
        del self.mappings[index], self.documents[index]
        self._engines.pop(index, None)
        return 200, {"acknowledged": True}

    def _manage(self, method: str, index: str | None, body: bytes) -> Answer:
        """Quickwit's own calls on indexes."""
        if method == "POST" and index is None:
            made = json.loads(body)
            _check({"version", "index_id", "doc_mapping"} <= set(made), "index config")
            _check(made["index_id"] not in self.mappings, "index exists")
            for one in made["doc_mapping"]["field_mappings"]:
                _check(re.fullmatch(r"[a-zA-Z][\w.-]*", one["name"]), f"field name {one['name']}")
            self.mappings[made["index_id"]], self.documents[made["index_id"]] = made, []
            return 200, {"version": "0.9", "index_config": made}
        if index not in self.mappings:
            return 404, {"message": f"index `{index}` not found"}
        if method == "GET":
            return 200, {"version": "0.9", "index_config": self.mappings[index]}
        _check(method == "DELETE", method)
        del self.mappings[index], self.documents[index]
        self._engines.pop(index, None)
        return 200, []

    def _bulk(self, rows: list[dict[str, Any]]) -> Answer:
        items = []
        for action, source in zip(rows[::2], rows[1::2], strict=True):
            _check(list(action) == ["create"], "only create is known to all")
            index, id = action["create"]["_index"], action["create"]["_id"]
            if index not in self.documents:
                return self._missing(index)
            known = not self.quickwit and any(one["id"] == id for one in self.documents[index])
            fault = self._fault(index, source)
            if not known and not fault:
                self.documents[index].append(source)
            item: dict[str, Any] = {"_index": index, "_id": id, "status": 409 if known else 400 if fault else 201}
            if known:
                item["error"] = {"type": "version_conflict_engine_exception", "reason": "document already exists"}
            elif fault:
                item["error"] = {"type": "document_parsing_exception", "reason": fault}
            items.append({"create": item})
        faults = any(item["create"]["status"] != 201 for item in items)
        return 200, {"took": 1, "errors": faults, "items": items}

    def _fault(self, index: str, source: dict[str, Any]) -> str:
        if self.quickwit:
            held = {one["name"]: one["type"] for one in self.mappings[index]["doc_mapping"]["field_mappings"]}
        else:
            held = {name: one["type"] for name, one in self.mappings[index]["properties"].items()}
        return next((f"unknown field [{name}]" for name in source if name not in held), "")

    def _searches(self, rows: list[dict[str, Any]]) -> Answer:
        responses = []
        for header, body in zip(rows[::2], rows[1::2], strict=True):
            _check(set(header) == {"index"}, "header")
            try:
                status, found = self._search(header["index"], body)
            except Wrong as wrong:
                status, found = 400, {"error": {"type": "parsing_exception", "reason": str(wrong)}}
            responses.append({**found, "status": status})
        return 200, {"took": 1, "responses": responses}

    def _search(self, index: str, body: dict[str, Any]) -> Answer:
        if index not in self.documents:
            return self._missing(index)
        _check(set(body) <= BODY, f"unknown key of {sorted(body)}")
        if self.quickwit:
            _check(body.get("from", 0) <= 10_000, "max value for start_offset is 10_000")
        else:
            _check(body.get("from", 0) + body["size"] <= 10_000_000, "Result window is too large")
        self._check_query(body["query"])
        found = self._engine(index).search(body)
        hits = found["hits"]
        shown = [
            {"_index": index, "_id": f"own {n}", "_score": None, "_source": hit["_source"]}
            for n, hit in enumerate(hits["hits"])
        ]
        reply: dict[str, Any] = {
            "took": 1,
            "timed_out": False,
            "hits": {"total": hits["total"], "max_score": None, "hits": shown},
        }
        reply["_shards"] = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
        if "aggs" in body:
            reply["aggregations"] = found["aggregations"]
        return 200, reply

    def _check_query(self, query: dict[str, Any]) -> None:
        ((kind, body),) = query.items()
        if kind == "bool":
            _check(set(body) in ({"filter"}, {"filter", "must_not"}, {"should"}), "bool")
            for clauses in body.values():
                _check(clauses, "a bool without clauses, which is read in several ways")
                for clause in clauses:
                    self._check_query(clause)
            return
        _check(kind in QUERIES, f"unknown query [{kind}]")
        if kind != "term":
            return
        (one,) = body.values()
        _check(isinstance(one, dict) and set(one) == {"value"}, "a short form that Quickwit reads for texts only")
        _check(isinstance(one["value"], str | int) and not isinstance(one["value"], bool), "value")

    def _engine(self, index: str) -> TantivyEngine:
        documents = self.documents[index]
        if index not in self._engines or self._engines[index][0] != len(documents):
            folder = Path(tempfile.mkdtemp())
            emotions = sorted({name[2:] for one in documents for name in one if name.startswith("p_")})
            facets = sorted({name[6:] for one in documents for name in one if name.startswith("facet_")})
            with TantivyWriter(folder / "index", emotions, facets) as writer:
                for one in documents:
                    writer.add(one)
                writer.commit()
            self._engines[index] = len(documents), TantivyEngine(folder / "index")
        return self._engines[index][1]


def _ndjson(kind: str | None, body: bytes) -> list[dict[str, Any]]:
    _check(kind == "application/x-ndjson", "content type")
    _check(body.endswith(b"\n"), "the body must end with a line break")
    _check(len(body) <= 10 * 2**20, "over 10 MB")
    return [json.loads(line) for line in body.splitlines()]


def _check(fine: object, what: str) -> None:
    if not fine:
        raise Wrong(what)


@contextmanager
def running(quickwit: bool = False) -> Iterator[SearchEngine]:
    """A server with nothing in it; its address is that of an index named archive."""
    engine = SearchEngine(quickwit)

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            engine.calls.append((self.command, self.path))
            engine.authorization.append(self.headers.get("Authorization"))
            if engine.replies:
                status, content = engine.replies.pop(0)
            else:
                status, found = engine.answer(self.command, self.path, self.headers.get("Content-Type"), body)
                content = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler) as address:
        engine.address = f"{address}/api/v1/_elastic/archive" if quickwit else f"{address}/archive"
        yield engine


@contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on this machine; gives the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
