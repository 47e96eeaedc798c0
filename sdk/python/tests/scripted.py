"""A server that answers calls of the API as a test says, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Union

Answer = Union[dict[str, Any], tuple[int, dict[str, str], bytes]]


class Scripted:
    """Answers by `answer(path, body, number of the request from 0)`."""

    def __init__(self, answer: Callable[[str, Any, int], Answer]) -> None:
        self.bodies: list[Any] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                body = json.loads(raw) if raw else None
                with outer._lock:
                    number = len(outer.paths)
                    outer.paths.append(self.path)
                    outer.bodies.append(body)
                    outer.headers.append({k.lower(): v for k, v in self.headers.items()})
                    outer._now += 1
                    outer.most_at_once = max(outer.most_at_once, outer._now)
                try:
                    said = answer(self.path, body, number)
                finally:
                    with outer._lock:
                        outer._now -= 1
                if isinstance(said, dict):
                    said = (200, {"Content-Type": "application/json"}, json.dumps(said).encode())
                status, headers, content = said
                try:
                    self.send_response(status)
                    for name, value in {"Content-Length": str(len(content)), **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    pass  # the client has lost patience

            do_GET = do_POST

            def log_message(self, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def scripted(answer: Callable[[str, Any, int], Answer]) -> Iterator[Scripted]:
    server = Scripted(answer)
    try:
        yield server
    finally:
        server.close()


def verdict(metric: dict[str, Any], status: str, score: Any = None, reason: str = "because") -> dict[str, Any]:
    """What the platform says of one metric."""
    return {
        "name": metric.get("name", metric["kind"]),
        "kind": metric["kind"],
        "version": 1,
        "status": status,
        "score": score,
        "threshold": metric.get("threshold", 0.5),
        "reason": reason,
    }


def by_output(path: str, body: Any, number: int) -> Answer:
    """Each word of the output says what becomes of the metric at its place: `good`, `bad`, `error`, `skipped`."""
    made = {"good": ("passed", 1.0), "bad": ("failed", 0.25), "error": ("error", None), "skipped": ("skipped", None)}
    words = body["case"]["actual_output"].split()
    pairs = zip(body["metrics"], words)
    return {"results": [verdict(m, *made[word], reason=f"it is {word}") for m, word in pairs]}


def problem(status: int, title: str, headers: dict[str, str] = {}, **more: Any) -> Answer:  # noqa: B006
    """A problem document."""
    document = {"type": "urn:assay:problem:x", "title": title, "status": status, "detail": "in detail", **more}
    content = json.dumps(document).encode()
    return (status, {"Content-Type": "application/problem+json", **headers}, content)


def after(seconds: float, answer: Answer) -> Answer:
    """An answer that takes its time."""
    time.sleep(seconds)
    return answer
