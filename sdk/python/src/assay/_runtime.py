"""What is set up once: the provider of spans, the queue, the sender of scores. Nothing of it is global to OpenTelemetry."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Sequence
from typing import Any, Callable, Optional

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from . import _log
from ._dialects import Dialect, dialect
from ._log import guarded, quiet, warn_once
from ._scores import ScoreSender
from ._settings import Settings, Unusable, resolve
from ._version import VERSION
from ._worker import Worker

# A request of 64 spans stays below what servers take, even where every value is as long as it may be.
_BATCH = 64
# Loggers under which attempts to send are reported.
_NOISY = (
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.exporter.otlp.common.http",
    "urllib3.connectionpool",
)


class _Exporter(SpanExporter):
    """Says once that sending fails, instead of at every attempt."""

    def __init__(self, inner: SpanExporter, where: str) -> None:
        self._inner = inner
        self._where = where

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        problem: object = "the server is out of reach or refuses them"
        try:
            with quiet:
                result = self._inner.export(spans)
        except Exception as error:
            result, problem = SpanExportResult.FAILURE, error
        if result is not SpanExportResult.SUCCESS:
            warn_once("export", "assay: spans could not be sent to %s: %s", self._where, problem)
        return result

    def shutdown(self) -> None:
        with quiet:
            self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._inner.force_flush(timeout_millis)


class Runtime:
    """Everything that one configuration needs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.dialect: Dialect = dialect(settings.exporter, settings.max_value_chars)
        if settings.traces_url is None:
            inner = OTLPSpanExporter()
        else:
            inner = OTLPSpanExporter(
                endpoint=settings.traces_url, headers=settings.headers, timeout=settings.timeout_s
            )
        where = settings.traces_url or "the endpoint of OTEL_EXPORTER_OTLP_*"
        self._processor = BatchSpanProcessor(
            _Exporter(inner, where),
            max_queue_size=settings.queue_size,
            max_export_batch_size=min(_BATCH, settings.queue_size),
            schedule_delay_millis=settings.flush_interval_s * 1000,
        )
        # A collector of one's own is under OpenTelemetry's sampling; a platform gets what the application observes.
        sampler = None if settings.exporter == "otlp" else ALWAYS_ON
        self.provider = TracerProvider(
            resource=Resource.create(_resource(settings)), sampler=sampler, shutdown_on_exit=False
        )
        self.provider.add_span_processor(self._processor)
        self.tracer = self.provider.get_tracer("assay-sdk", VERSION)
        url = settings.scores_url
        self.scores = ScoreSender(settings, url) if url else None
        self.worker = Worker()
        for name in _NOISY:
            logger = logging.getLogger(name)
            if quiet not in logger.filters:
                logger.addFilter(quiet)

    def flush(self, timeout_s: float) -> bool:
        """Whether everything that waits was sent, or given up, in time."""
        done = self.worker.run(self._processor.force_flush, timeout_s)
        return (self.scores is None or self.scores.flush(timeout_s)) and done

    def close(self, timeout_s: float) -> None:
        """Sends what waits, for a limited time, and ends."""
        closed = threading.Event()

        def close() -> None:
            shut: Callable[[], None] = self._processor.shutdown
            shut()
            closed.set()

        self.worker.run(close, timeout_s)
        sent = self.scores is None or self.scores.flush(0 if not closed.is_set() else timeout_s)
        if self.scores is not None:
            self.scores.close()
        if not (closed.is_set() and sent):
            warn_once("close", "assay: not everything could be sent within %s s", timeout_s)

    def after_fork(self) -> None:
        """Threads do not survive a fork; the processor of spans sees to its own."""
        self.worker = Worker()
        if self.scores is not None:
            self.scores.after_fork()


def _resource(settings: Settings) -> dict[str, str]:
    attributes: dict[str, str] = {}
    if settings.service_name:
        attributes["service.name"] = settings.service_name
    if settings.environment:
        attributes["deployment.environment.name"] = settings.environment
    if settings.release:
        attributes["service.version"] = settings.release
    if settings.exporter in ("assay", "langfuse"):
        if settings.environment:
            attributes["langfuse.environment"] = settings.environment
        if settings.release:
            attributes["langfuse.release"] = settings.release
    if settings.exporter == "phoenix":
        attributes["openinference.project.name"] = settings.project or "default"
    return attributes


_lock = threading.RLock()
_runtime: Optional[Runtime] = None
_tried = False


@guarded()
def init(**settings: Any) -> None:
    """Sets up where traces and scores go. Without it, the first observation does so from the environment.

    Keywords, each with a variable of the environment as its default: `exporter` (`assay`, `langfuse`, `phoenix`,
    `otlp`), `base_url`, `public_key` and `secret_key` (Assay, Langfuse), `api_key` and `project` (Phoenix),
    `environment`, `release`, `service_name`, `capture_content`, `max_value_chars`, `queue_size`, `timeout_s`,
    `exit_timeout_s`, `flush_interval_s`. Calling it again replaces the configuration.
    """
    _set_up(settings)


def _set_up(settings: dict[str, Any]) -> Optional[Runtime]:
    global _runtime, _tried
    with _lock:
        old, _runtime, _tried = _runtime, None, True
        if old is not None:
            old.close(old.settings.exit_timeout_s)
        _log.forget()
        try:
            _runtime = Runtime(resolve(**settings))
        except Unusable as problem:
            warn_once("unusable", "assay: nothing is recorded: %s", problem)
        except Exception as error:
            warn_once("unusable", "assay: nothing is recorded: %r", error)
        return _runtime


def runtime() -> Optional[Runtime]:
    """The current configuration; `None` when there is nowhere to send to."""
    if _tried:
        return _runtime
    with _lock:
        return _runtime if _tried else _set_up({})


def configured() -> Optional[Settings]:
    """The settings that hold, where something was set up already. Sets nothing up itself."""
    current = _runtime
    return None if current is None else current.settings


@guarded(default=False)
def flush(timeout_s: float = 10.0) -> bool:
    """Sends what waits, and says whether all of it was sent, or given up, in `timeout_s` seconds."""
    current = _runtime
    return current is None or current.flush(timeout_s)


@guarded()
def shutdown(timeout_s: Optional[float] = None) -> None:
    """Sends what waits, for a limited time, and ends. Observations from then on are not recorded."""
    global _runtime, _tried
    with _lock:
        old, _runtime, _tried = _runtime, None, True
    if old is not None:
        old.close(old.settings.exit_timeout_s if timeout_s is None else timeout_s)


def _after_fork() -> None:
    global _lock
    _lock = threading.RLock()
    _log._after_fork()
    try:
        if _runtime is not None:
            _runtime.after_fork()
    except Exception as error:
        warn_once("fork", "assay: the child process records nothing: %r", error)


def _at_exit_of_children() -> None:
    """Children of `multiprocessing` end without `atexit`."""
    try:
        from multiprocessing import util

        def register(_: object) -> None:
            util.Finalize(None, shutdown, exitpriority=10)

        util.register_after_fork(shutdown, register)
    except Exception as error:
        warn_once("multiprocessing", "assay: children of multiprocessing must call shutdown: %r", error)


atexit.register(shutdown)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
    _at_exit_of_children()
