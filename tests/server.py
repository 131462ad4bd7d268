"""A server of this machine that gives rasters in parts, as web servers and object stores do: for tests.

It understands ranges, and asks for the signature of an object store where it has its keys: the signature is computed
anew from what the request says was signed. What it is told to do wrong, it does from some request on.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR
from urllib.parse import unquote

KEY, SECRET, REGION = "AKIATESTOFTHISHOUSE", "a/secret+of/the/tests", "cn-test-1"


@dataclass
class Server:
    """What the server has and does, and what it was asked."""

    folder: Path
    port: int = 0
    is_store: bool = False
    has_ranges: bool = True
    has_etag: bool = True
    has_time: bool = True
    leads_to: str = ""
    """Where it sends who asks, if it sends anywhere."""
    failure: int = 0
    """The status that it answers with after so many requests; -1 breaks off in mid-answer."""
    after: int = 0
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path with query, and the headers as text."""

    def address(self, name: str) -> str:
        return f"s3://bucket/{name}" if self.is_store else f"http://127.0.0.1:{self.port}/bucket/{name}"

    def is_failing(self) -> bool:
        return bool(self.failure) and len(self.asked) > self.after


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(is_whole=False)

    def do_GET(self) -> None:
        self._answer(is_whole=True)

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, is_whole: bool) -> None:
        of = self.server.about
        of.asked.append((self.command, self.path, str(self.headers)))
        if of.leads_to:
            self.send_response(302)
            self.send_header("Location", of.leads_to)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        if of.is_failing() and of.failure > 0:
            return self._refuse(of.failure)
        if of.is_store and not _is_signed(self):
            return self._refuse(403)
        path = of.folder / unquote(self.path.partition("?")[0]).removeprefix("/bucket/")
        if not path.is_file():
            return self._refuse(404)
        content = path.read_bytes()
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "") if of.has_ranges else None
        first, last = (int(asked[1]), int(asked[2] or len(content))) if asked else (0, len(content))
        part = content[first : last + 1]
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(content)}")
        if of.has_etag:
            self.send_header("ETag", f'"{hashlib.md5(content).hexdigest()}"')
        if of.has_time:
            self.send_header("Last-Modified", formatdate(path.stat().st_mtime, usegmt=True))
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if is_whole and of.is_failing():
            self.wfile.write(part[: len(part) // 2])
            self.close_connection = True  # else who asked waits for the rest
            self.connection.shutdown(SHUT_RDWR)
        elif is_whole:
            self.wfile.write(part)
        return None


def _is_signed(request: BaseHTTPRequestHandler) -> bool:
    """Whether the signature of a request (AWS Signature Version 4) is that of the keys of the tests."""
    said = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)",
        request.headers.get("Authorization") or "",
    )
    if said is None or said[1] != KEY or said[3] != REGION:
        return False
    path, _, query = request.path.partition("?")
    names = said[4].split(";")
    lines = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
    hash_of_content = request.headers["x-amz-content-sha256"]
    asked = "\n".join([request.command, path, query, lines, said[4], hash_of_content])
    scope = f"{said[2]}/{REGION}/s3/aws4_request"
    hashed = hashlib.sha256(asked.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, hashed])
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    return hmac.new(key, text.encode(), "sha256").hexdigest() == said[5]


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    about: Server

    def handle_error(self, *_: object) -> None:
        pass  # who asked has gone


@contextmanager
def served(about: Server) -> Iterator[Server]:
    """The server, while it runs."""
    http = _Http(("127.0.0.1", 0), _Handler)
    http.about, about.port = about, http.server_port
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield about
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
