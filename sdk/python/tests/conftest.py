"""A server that records what it is sent, and a package that is set up anew for each test."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Optional

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

import assay


def value_of(any_value: Any) -> Any:
    """An attribute's value in Python."""
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value_of(item) for item in any_value.array_value.values]
    return None if kind is None else getattr(any_value, kind)


class Recorded:
    """One span as it arrived."""

    def __init__(self, span: Any, resource: dict[str, Any]) -> None:
        self.name: str = span.name
        self.trace_id: str = span.trace_id.hex()
        self.span_id: str = span.span_id.hex()
        self.parent_id: str = span.parent_span_id.hex()
        self.attributes = {kv.key: value_of(kv.value) for kv in span.attributes}
        self.status: int = span.status.code
        self.message: str = span.status.message
        self.resource = resource
        self.events = [
            (event.name, {kv.key: value_of(kv.value) for kv in event.attributes}) for event in span.events
        ]


class Server:
    """Answers every POST with `status`, after `hold` is set."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.hold = threading.Event()
        self.hold.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.hold.wait(20)
                headers = {key.lower(): value for key, value in self.headers.items()}
                outer.requests.append((self.path, headers, body))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.hold.set()
        self._http.shutdown()
        self._http.server_close()

    def spans(self) -> list[Recorded]:
        found = []
        for path, _, body in list(self.requests):
            if path.endswith("/v1/traces"):
                for resource_spans in ExportTraceServiceRequest.FromString(body).resource_spans:
                    resource = {kv.key: value_of(kv.value) for kv in resource_spans.resource.attributes}
                    for scope in resource_spans.scope_spans:
                        found.extend(Recorded(span, resource) for span in scope.spans)
        return found

    def span(self, name: str) -> Recorded:
        """The only span of that name."""
        found = [span for span in self.spans() if span.name == name]
        assert len(found) == 1, [span.name for span in self.spans()]
        return found[0]

    def posts(self, path: str) -> list[Any]:
        return [json.loads(body) for at, _, body in list(self.requests) if at == path]

    def headers(self, path: str) -> dict[str, str]:
        return next(headers for at, headers, _ in list(self.requests) if at == path)

    def wait(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "in vain"
            time.sleep(0.02)


@pytest.fixture
def server() -> Iterator[Server]:
    recording = Server()
    yield recording
    recording.close()


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No settings of the machine, and nothing left of the test before."""
    for name in list(os.environ):
        if name.startswith(("ASSAY_", "LANGFUSE_", "PHOENIX_", "OTEL_")):
            monkeypatch.delenv(name)
    yield
    assay.shutdown(0.5)
    assay._runtime._tried = False
    assay._log.forget()


@pytest.fixture
def sent(server: Server) -> Callable[..., Server]:
    """Sets up an exporter that sends to the server."""

    def set_up(exporter: Optional[str] = None, **settings: Any) -> Server:
        keys = {"public_key": "pk", "secret_key": "sk"} if exporter in (None, "assay", "langfuse") else {}
        assay.init(exporter=exporter, base_url=server.url, **{**keys, **settings})
        return server

    return set_up
