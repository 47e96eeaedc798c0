"""Calls of the platform's API: with patience where it asks for it, for a limited time, and with errors that say what to do."""

from __future__ import annotations

import email.utils
import http.client
import ipaddress
import json
import random
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from . import _runtime
from ._cases import Case, Metric, case_body, metric_body
from ._errors import AssayError, NotConfigured, Refused, TimedOut, Unreachable
from ._settings import Unusable, _base, _basic, _env, _number
from ._version import VERSION

_LONGEST_WAIT_S = 60.0
_MOST_BYTES = 64 << 20
# A platform that starts anew is away for a moment; one that is not there at all is told soon.
_ATTEMPTS_TO_REACH = 3
# Two kinds before Python 3.10.
_TIMEOUTS = (TimeoutError, socket.timeout)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take the keys elsewhere, and turn a POST into a GET."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Client:
    """Speaks to one platform in the name of one key pair. It may be used by several threads.

    What is not given comes from `assay.init`, where that was called for the exporter `assay`, then from the environment:
    `ASSAY_BASE_URL`, `ASSAY_PUBLIC_KEY`, `ASSAY_SECRET_KEY`, and `ASSAY_EVALUATE_TIMEOUT_S` (120), the seconds for one call
    with its retries. Raises `NotConfigured`.
    """

    def __init__(
        self,
        *,
        base_url: Optional[str] = None,
        public_key: Optional[str] = None,
        secret_key: Optional[str] = None,
        timeout_s: Optional[float] = None,
    ) -> None:
        configured = _runtime.configured()
        told = configured if configured and configured.exporter == "assay" else None
        try:
            url = base_url or (told.base_url if told else None) or _env("ASSAY_BASE_URL")
            if not url:
                raise Unusable("ASSAY_BASE_URL is not set")
            self.base_url = _base(url, "/v1/traces")
            """The platform's address, without a slash at the end."""
            if told and public_key is None and secret_key is None:
                headers = told.headers
            else:
                pair = (public_key or _env("ASSAY_PUBLIC_KEY"), secret_key or _env("ASSAY_SECRET_KEY"))
                headers = _basic(*pair, "ASSAY")
            self.timeout_s = _number(timeout_s, "ASSAY_EVALUATE_TIMEOUT_S", 120, 0.1)
            """Seconds for one call with its retries."""
        except Unusable as problem:
            raise NotConfigured(f"nothing can be evaluated: {problem}") from None
        self._headers = {
            **headers,
            "Accept": "application/json",
            "User-Agent": f"assay-sdk-python/{VERSION}",
        }
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
        if _is_loopback(self.base_url):
            # No proxy stands before this machine.
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)
        self._judges: dict[str, str] = {}
        self._lock = threading.Lock()

    def score(
        self,
        case: Case,
        metrics: Sequence[Metric],
        *,
        judge: Optional[str] = None,
        seed: int = 0,
        timeout_s: Optional[float] = None,
    ) -> list[dict[str, Any]]:
        """The verdicts on a case, one a metric, as `POST /api/v1/evaluate` gives them. Raises `AssayError`."""
        body: dict[str, Any] = {
            "case": case_body(case),
            "metrics": [metric_body(metric) for metric in metrics],
            "seed": seed,
        }
        if judge:
            body["judge_model_id"] = self.judge(judge)
        answer = self.call("POST", "/api/v1/evaluate", body, timeout_s=timeout_s)
        results = answer.get("results") if isinstance(answer, dict) else None
        if (
            not isinstance(results, list)
            or len(results) != len(metrics)
            or not all(isinstance(one, dict) for one in results)
        ):
            raise AssayError(f"{self.base_url} answered with something else than a verdict a metric")
        return results

    def judge(self, named: str) -> str:
        """The id of a model that is named by its id, or as `name:NAME`."""
        if not named.startswith("name:"):
            return named
        with self._lock:
            known = self._judges.get(named)
        if known is None:
            name = named[len("name:") :]
            query = urllib.parse.urlencode({"name": name, "limit": 1})
            page = self.call("GET", f"/api/v1/models?{query}")
            found = page.get("data") if isinstance(page, dict) else None
            if not found:
                raise AssayError(f"{self.base_url} has no model of the name {name!r} to judge")
            known = str(found[0]["id"])
            with self._lock:
                self._judges[named] = known
        return known

    def call(
        self, method: str, path: str, body: Optional[Any] = None, *, timeout_s: Optional[float] = None
    ) -> Any:
        """What the API answers to a request that may be made again. Raises `AssayError`."""
        end = time.monotonic() + (self.timeout_s if timeout_s is None else timeout_s)
        data = None if body is None else _encoded(body)
        unreached = 0
        attempt = 0
        while True:
            attempt += 1
            problem: AssayError
            wait = min(0.5 * 2 ** (attempt - 1), 8.0) * random.uniform(0.5, 1.0)
            try:
                return self._once(method, path, data, end)
            except urllib.error.HTTPError as error:
                refused = self._refused(error)
                if refused.status not in (429, 502, 503, 504):
                    raise refused from None
                asked = _retry_after(error.headers.get("Retry-After"))
                wait = wait if asked is None else asked
                problem = refused
            except _TIMEOUTS:
                raise TimedOut(self._late(timeout_s)) from None
            except (OSError, http.client.HTTPException) as error:
                reason = error.reason if isinstance(error, urllib.error.URLError) else error
                if isinstance(reason, _TIMEOUTS):
                    raise TimedOut(self._late(timeout_s)) from None
                unreached += 1
                problem = Unreachable(
                    f"{self.base_url} cannot be reached: {reason or type(error).__name__} "
                    "(is the platform up, and ASSAY_BASE_URL its address?)"
                )
                if unreached >= _ATTEMPTS_TO_REACH:
                    raise problem from None
            if time.monotonic() + wait >= end:
                raise problem
            time.sleep(wait)

    def _late(self, timeout_s: Optional[float]) -> str:
        limit = self.timeout_s if timeout_s is None else timeout_s
        return f"{self.base_url} did not answer within {limit:g} s (ASSAY_EVALUATE_TIMEOUT_S, or `timeout_s`)"

    def _once(self, method: str, path: str, data: Optional[bytes], end: float) -> Any:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        headers = dict(self._headers)
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.base_url + path, data, headers, method=method)
        with self._opener.open(request, timeout=left) as response:
            parts, size = [], 0
            # The timeout is of one read; an answer that trickles must not take for ever.
            while part := response.read1(1 << 16):
                size += len(part)
                if size > _MOST_BYTES:
                    raise AssayError(f"{self.base_url} answered with more than {_MOST_BYTES} bytes")
                if time.monotonic() > end:
                    raise TimeoutError
                parts.append(part)
        try:
            return json.loads(b"".join(parts))
        except ValueError:
            raise AssayError(f"{self.base_url}{path} did not answer with JSON: is it the platform?") from None

    def _refused(self, error: urllib.error.HTTPError) -> Refused:
        with error:
            try:
                text = error.read(100_000).decode("utf-8", "replace")
            except (OSError, http.client.HTTPException):
                text = ""
        if 300 <= error.code < 400:
            where = error.headers.get("Location") or "elsewhere"
            return Refused(f"{self.base_url} redirects to {where}: set ASSAY_BASE_URL to that address", error.code)
        try:
            problem = json.loads(text)
        except ValueError:
            problem = None
        if not isinstance(problem, dict):
            shown = " ".join(text.split())[:300]
            return Refused(f"{self.base_url} answered HTTP {error.code}: {shown}", error.code)
        said = ": ".join(str(problem[k]) for k in ("title", "detail") if problem.get(k))
        for one in problem.get("errors") or []:
            if isinstance(one, Mapping):
                said += f"; {one.get('field')} {one.get('message')}"
        return Refused(f"{self.base_url} answered HTTP {error.code}: {said}", error.code, problem)


def _encoded(body: Any) -> bytes:
    try:
        text = json.dumps(body, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise TypeError(f"the case cannot be sent as JSON: {error}") from None
    return text.encode("utf-8")


def _retry_after(value: Optional[str]) -> Optional[float]:
    """Seconds, which may be told as a number or as a date."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError):
            return None
    # What is no number is no wait.
    return min(max(seconds, 0.0), _LONGEST_WAIT_S) if seconds == seconds else None


def _is_loopback(url: str) -> bool:
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
