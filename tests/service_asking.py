"""Requests to a running service."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit


def send(address: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in lower case, and content; a body that is no bytes is sent as JSON."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None and not isinstance(body, bytes):
        given.setdefault("Content-Type", "application/json")
        body = json.dumps(body).encode()
    connection.request(method, path, body, given)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, content


def ask(address: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Status and JSON of a POST, or of a GET where there is no body."""
    status, _, content = send(address, "GET" if body is None else "POST", path, body, **headers)
    return status, json.loads(content)


def form(*parts: tuple[str, bytes, bool]) -> tuple[bytes, str]:
    """A form of named parts, files or texts, and its content type."""
    body = b""
    for name, content, is_file in parts:
        kind = f'; filename="{name}"' if is_file else ""
        body += f'--edge\r\nContent-Disposition: form-data; name="{name}"{kind}\r\n\r\n'.encode() + content + b"\r\n"
    return body + b"--edge--\r\n", "multipart/form-data; boundary=edge"
