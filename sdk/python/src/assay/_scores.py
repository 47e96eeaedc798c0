"""Scores over HTTP: a bounded queue, one thread, a few attempts."""

from __future__ import annotations

import json
import queue
import threading
import time
import urllib.error
import urllib.request
from typing import Any, Optional

from ._log import warn_once
from ._settings import Settings
from ._version import VERSION

_ATTEMPTS = 4
_LONGEST_WAIT_S = 10.0


class ScoreSender:
    """Sends one request a score. A score has its id from the start, so that a repeated request replaces it."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._url = url
        self._timeout_s = settings.timeout_s
        self._headers = {
            **settings.headers,
            "Content-Type": "application/json",
            "User-Agent": f"assay-sdk-python/{VERSION}",
        }
        self._size = settings.queue_size
        self._reset()

    def _reset(self) -> None:
        self._queue: queue.Queue[dict[str, Any]] = queue.Queue(self._size)
        self._closing = threading.Event()
        self._idle = threading.Condition()
        self._waiting = 0
        self._thread: Optional[threading.Thread] = None

    def after_fork(self) -> None:
        """The child has no thread, and what waits is the parent's to send."""
        self._reset()

    def put(self, body: dict[str, Any]) -> None:
        """Takes a score, unless too many wait."""
        with self._idle:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="assay-scores", daemon=True)
                self._thread.start()
            try:
                self._queue.put_nowait(body)
            except queue.Full:
                warn_once("scores-full", "assay: too many scores wait to be sent; further ones are dropped")
                return
            self._waiting += 1

    def flush(self, timeout_s: float) -> bool:
        """Whether everything was sent, or given up, in time."""
        with self._idle:
            return self._idle.wait_for(lambda: self._waiting == 0, timeout_s)

    def close(self) -> None:
        """Ends waiting between attempts: what fails from now on is given up."""
        self._closing.set()

    def _work(self) -> None:
        while True:
            body = self._queue.get()
            try:
                self._send(body)
            except Exception as error:
                warn_once("scores", "assay: a score could not be sent to %s: %r", self._url, error)
            finally:
                with self._idle:
                    self._waiting -= 1
                    self._idle.notify_all()

    def _send(self, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        for attempt in range(1, _ATTEMPTS + 1):
            request = urllib.request.Request(self._url, data, self._headers, method="POST")
            wait = 0.5 * 2 ** (attempt - 1)
            problem: object
            try:
                with urllib.request.urlopen(request, timeout=self._timeout_s) as response:
                    response.read()
                return
            except urllib.error.HTTPError as error:
                with error:
                    problem = f"HTTP {error.code}: {error.read(300).decode('utf-8', 'replace')}"
                if error.code not in (408, 429) and error.code < 500:
                    attempt = _ATTEMPTS
                wait = _retry_after(error.headers.get("Retry-After"), wait)
            except OSError as error:
                problem = error
            if attempt == _ATTEMPTS or self._closing.wait(min(wait, _LONGEST_WAIT_S)):
                warn_once("scores", "assay: a score could not be sent to %s: %s", self._url, problem)
                return


def _retry_after(value: Optional[str], default: float) -> float:
    try:
        return max(float(value), 0.0) if value else default
    except ValueError:
        return default


def _rfc3339() -> str:
    now = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1e6):06d}Z"


def langfuse_body(score: dict[str, Any], environment: Optional[str]) -> dict[str, Any]:
    """What `POST /api/public/scores` takes."""
    body = {
        "id": score["id"],
        "traceId": score["trace_id"],
        "observationId": score["observation_id"],
        "name": score["name"],
        "value": score["value"],
        "dataType": score["data_type"],
        "comment": score["comment"],
        "environment": environment,
        "timestamp": _rfc3339(),
    }
    return {key: value for key, value in body.items() if value is not None}


def phoenix_body(score: dict[str, Any]) -> dict[str, Any]:
    """What `POST /v1/span_annotations` takes. A score of the same name and identifier replaces."""
    value = score["value"]
    result = {"label": value} if isinstance(value, str) else {"score": value}
    if score["comment"] is not None:
        result["explanation"] = score["comment"]
    annotation = {
        "span_id": score["observation_id"],
        "name": score["name"],
        "annotator_kind": "CODE",
        "result": result,
        "identifier": score["id"],
    }
    return {"data": [annotation]}
