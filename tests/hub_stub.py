"""A small hub on this machine: the routes that huggingface_hub asks to make, fill, list and read repositories.

Routes and answers are those of huggingface.co, as huggingface_hub 2 reads them: repositories with commits, small files
within a commit, large ones by Git LFS. A token begins with `writer`, `reader` or `broken`.
"""

import base64
import contextlib
import hashlib
import http.server
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

LARGE = 300  # bytes; from there on a file goes by LFS


@dataclass
class Repository:
    private: bool
    commits: list[tuple[str, dict[str, bytes]]] = field(default_factory=list)  # their files, newest last

    def at(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        if revision == "main":
            return self.commits[-1]
        return next((commit for commit in self.commits if commit[0] == revision), None)

    def commit(self, files: dict[str, bytes]) -> str:
        content = json.dumps([len(self.commits), {name: hashlib.sha1(one).hexdigest() for name, one in files.items()}])
        self.commits.append((hashlib.sha1(content.encode()).hexdigest(), files))
        return self.commits[-1][0]


class Hub(http.server.ThreadingHTTPServer):
    """What the hub has, and what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.repositories: dict[str, Repository] = {}
        self.large: dict[str, bytes] = {}
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Asked(http.server.BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, content: object = b"", **headers: str) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _any(self) -> None:
        path, body = unquote(urlsplit(self.path).path), self._body()
        self.server.asked.append(f"{self.command} {path}")
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token.startswith("broken"):
            return self._answer(401, {"error": "Invalid username or password."})
        for (method, pattern), route in _ROUTES.items():
            if method in (self.command, "GET" if self.command == "HEAD" else "") and (
                found := re.fullmatch(pattern, path)
            ):
                if "W" in route.__doc__.split()[0] and not token.startswith("writer"):
                    return self._answer(403 if token else 401, {"error": "You may not write."})
                named = self.server.repositories.get(found[1]) if found.groups() else None
                if found.groups() and (named is None or (named.private and not token)):
                    return self._answer(404 if token else 401, {"error": "no"}, X_Error_Code="RepoNotFound")
                return route(self, body, named, *found.groups()[1:])
        return self._answer(404, {"error": f"no route {self.command} {path}"})

    do_GET = do_HEAD = do_POST = do_PUT = _any  # noqa: N815

    def create(self, body, _named):
        """W"""
        asked = json.loads(body)
        name = f"{asked['organization']}/{asked['name']}"
        if name in self.server.repositories:
            return self._answer(409, {"error": "You already created this model repo"})
        private = asked.get("visibility", "public") == "private" or asked.get("private") is True
        made = self.server.repositories[name] = Repository(private)
        made.commit({".gitattributes": b"*.onnx filter=lfs\n"})
        return self._answer(200, {"url": f"{self.server.address}/{name}", "name": name})

    def settings(self, body, named):
        """W"""
        asked = json.loads(body)
        named.private = asked.get("visibility", "") == "private" or asked.get("private") is True
        return self._answer(200, {"private": named.private})

    def check_card(self, body, *_):
        """R"""
        card = json.loads(body)["content"]
        is_right = card.startswith("---\n") and "\n---\n" in card
        return self._answer(200 if is_right else 400, {"errors": [], "warnings": []})

    def information(self, _body, named, revision="main"):
        """R"""
        commit = named.at(revision)
        if commit is None:
            return self._answer(404, {"error": "Invalid rev id"}, X_Error_Code="RevisionNotFound")
        (name,) = (name for name, one in self.server.repositories.items() if one is named)
        files = [{"rfilename": file} for file in commit[1]]
        return self._answer(200, {"id": name, "sha": commit[0], "private": named.private, "siblings": files})

    def tree(self, _body, named, revision):
        """R"""
        commit = named.at(revision)
        if commit is None:
            return self._answer(404, {"error": "Invalid rev id"}, X_Error_Code="RevisionNotFound")
        return self._answer(200, [_entry(name, content) for name, content in sorted(commit[1].items())])

    def preupload(self, body, named, _revision):
        """W"""
        asked = json.loads(body)["files"]
        modes = ["lfs" if file["size"] >= LARGE else "regular" for file in asked]
        return self._answer(
            200,
            {
                "files": [
                    {"path": file["path"], "uploadMode": mode, "shouldIgnore": False}
                    for file, mode in zip(asked, modes, strict=True)
                ]
            },
        )

    def batch(self, body, _named):
        """W"""
        asked = json.loads(body)["objects"]
        objects = [
            {**one, "actions": {"upload": {"href": f"{self.server.address}/large/{one['oid']}"}}} for one in asked
        ]
        return self._answer(200, {"transfer": "basic", "objects": objects})

    def upload(self, body, _named=None):
        """R"""
        self.server.large[hashlib.sha256(body).hexdigest()] = body
        return self._answer(200)

    def commit(self, body, named, _revision):
        """W"""
        files = dict(named.commits[-1][1])
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.server.large[value["oid"]]
            elif line["key"] == "deletedFile":
                del files[value["path"]]
        made = named.commit(files)
        (name,) = (name for name, one in self.server.repositories.items() if one is named)
        url = f"{self.server.address}/{name}/commit/{made}"
        return self._answer(200, {"commitUrl": url, "commitOid": made, "success": True})

    def resolve(self, _body, named, revision, file):
        """R"""
        commit = named.at(revision)
        if commit is None or file not in commit[1]:
            code = "RevisionNotFound" if commit is None else "EntryNotFound"
            return self._answer(404, {"error": "no"}, X_Error_Code=code)
        content = commit[1][file]
        return self._answer(200, content, ETag=f'"{_identity(content)}"', X_Repo_Commit=commit[0])


def _identity(content: bytes) -> str:
    """As Git names a small file, and LFS a large one."""
    if len(content) >= LARGE:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _entry(name: str, content: bytes) -> dict[str, object]:
    entry: dict[str, object] = {"type": "file", "path": name, "size": len(content), "oid": _identity(content)}
    if len(content) >= LARGE:
        entry["lfs"] = {"oid": _identity(content), "size": len(content), "pointerSize": 130}
    return entry


_NAME = r"([\w.-]+/[\w.-]+)"
_ROUTES = {
    ("POST", "/api/repos/create"): _Asked.create,
    ("POST", "/api/validate-yaml"): _Asked.check_card,
    ("PUT", rf"/api/models/{_NAME}/settings"): _Asked.settings,
    ("GET", rf"/api/models/{_NAME}"): _Asked.information,
    ("GET", rf"/api/models/{_NAME}/revision/(.+)"): _Asked.information,
    ("GET", rf"/api/models/{_NAME}/tree/([^/]+)"): _Asked.tree,
    ("POST", rf"/api/models/{_NAME}/preupload/(.+)"): _Asked.preupload,
    ("POST", rf"/api/models/{_NAME}/commit/(.+)"): _Asked.commit,
    ("POST", rf"/{_NAME}\.git/info/lfs/objects/batch"): _Asked.batch,
    ("PUT", r"/large/[0-9a-f]{64}"): _Asked.upload,
    ("GET", rf"/{_NAME}/resolve/([^/]+)/(.+)"): _Asked.resolve,
}


@contextlib.contextmanager
def hub() -> Iterator[Hub]:
    """A running hub."""
    with Hub() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        try:
            yield made
        finally:
            made.shutdown()
