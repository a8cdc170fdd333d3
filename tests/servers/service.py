"""What every loopback service has: a thread of its own, a list of what was asked, and faults that can be switched on."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

BOM = b"\xef\xbb\xbf"


@dataclass
class Reply:
    """An answer before any fault has touched it."""

    status: int
    content: Any = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        if isinstance(self.content, bytes):
            return self.content
        return b"" if self.content is None else json.dumps(self.content, ensure_ascii=False).encode()


@dataclass
class Fault:
    """What goes wrong with the next `times` answers whose path holds `path` (-1: with all of them)."""

    path: str = ""
    times: int = -1
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str | None = None
    wait_seconds: float = 0
    is_cut: bool = False
    is_truncated: bool = False
    has_bom: bool = False


class Service:
    """Use as a context manager: `url` is its address, `asked` every (method, path with query, headers) in order."""

    def __init__(self, calls: int = 1000, seconds: float = 1.0) -> None:
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.has_etags = False
        self._pace = (calls, seconds)
        self._calls: list[float] = []
        self._lock = threading.Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                service._serve(self, None)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                service._serve(self, json.loads(self.rfile.read(length) or b"null"))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Service:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Reply:
        raise NotImplementedError

    def _serve(self, handler: BaseHTTPRequestHandler, body: Any) -> None:
        address = urlsplit(handler.path)
        with self._lock:
            self.asked.append((handler.command, handler.path, dict(handler.headers)))
            is_too_fast = self._is_too_fast()
            fault = self._fault(handler.path)
        if is_too_fast:
            reply = Reply(429, {"title": "Too many requests"}, headers={"Retry-After": "1"})
        else:
            reply = self.answer(
                handler.command, unquote(address.path).strip("/"), parse_qs(address.query), body
            )
        if fault is not None:
            reply = _spoilt(reply, fault)
        content = reply.body()
        if reply.status == 200 and self.has_etags:
            etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
            reply.headers["ETag"] = etag
            if handler.headers.get("If-None-Match") == etag:
                reply.status, content = 304, b""
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", reply.content_type)
        handler.send_header("Content-Length", str(len(content)))
        if fault is not None and fault.is_cut:
            handler.send_header("Connection", "close")
            handler.close_connection = True
            content = content[: len(content) // 2]
        handler.end_headers()
        try:
            handler.wfile.write(content)
        except OSError:
            handler.close_connection = True

    def _is_too_fast(self) -> bool:
        calls, seconds = self._pace
        now = time.monotonic()
        self._calls = [one for one in self._calls if one > now - seconds] + [now]
        return len(self._calls) > calls

    def _fault(self, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.path in unquote(path) and fault.times != 0:
                fault.times -= 1
                return fault
        return None


def _spoilt(reply: Reply, fault: Fault) -> Reply:
    if fault.wait_seconds:
        time.sleep(fault.wait_seconds)
    body = reply.body() if fault.body is None else fault.body
    if fault.is_truncated:
        body = body[: len(body) // 2]
    if fault.has_bom:
        body = BOM + body
    return Reply(
        status=fault.status or reply.status,
        content=body,
        content_type=fault.content_type or reply.content_type,
        headers=reply.headers | fault.headers,
    )
