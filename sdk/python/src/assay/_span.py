"""Observations: handles that the application updates, and what belongs to the whole trace."""

from __future__ import annotations

import datetime
import uuid
from types import TracebackType
from typing import Any, Optional, Union

from opentelemetry import context as otel_context
from opentelemetry import trace as otel
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags

from ._dialects import TYPES
from ._log import guarded, warn_once
from ._runtime import Runtime, runtime
from ._scores import langfuse_body, phoenix_body
from ._values import plain, text

_CURRENT = otel_context.create_key("assay-span")
_LEVELS = ("DEBUG", "DEFAULT", "WARNING", "ERROR")


class _Trace:
    """What is known of a trace in this process: later spans of it carry it, too."""

    def __init__(self, root: Span, span: otel.Span) -> None:
        self.root = root
        self.span = span
        self.fields: dict[str, Any] = {}


class Span:
    """One observation. Use it as a context manager, or end it with `end`. No method raises."""

    def __init__(self, name: str, kind: str) -> None:
        self._name = name
        self._kind = kind
        self._span: Optional[otel.Span] = None
        self._trace: Optional[_Trace] = None
        self._runtime: Optional[Runtime] = None
        self._tokens: list[Any] = []
        self._metadata: dict[str, Any] = {}
        self._ended = False

    @property
    def trace_id(self) -> Optional[str]:
        """32 hex digits; `None` when nothing is recorded."""
        return None if self._span is None else otel.format_trace_id(self._span.get_span_context().trace_id)

    @property
    def span_id(self) -> Optional[str]:
        """16 hex digits; `None` when nothing is recorded."""
        return None if self._span is None else otel.format_span_id(self._span.get_span_context().span_id)

    @guarded()
    def _start(self) -> None:
        current = runtime()
        if current is None:
            return
        if self._kind not in TYPES:
            warn_once(f"type:{self._kind}", "assay: %r is no type of observation; `span` is used", self._kind)
            self._kind = "span"
        parent = otel_context.get_value(_CURRENT)
        around = otel.get_current_span().get_span_context()
        ours = (
            isinstance(parent, Span)
            and parent._span is not None
            and parent._span.get_span_context().trace_id == around.trace_id
        )
        attributes = current.dialect.kind(self._kind, self._name)
        if not ours:
            attributes.update(current.dialect.root(around.is_valid))
        span = current.tracer.start_span(text(self._name), attributes=attributes)
        if ours and isinstance(parent, Span) and parent._trace is not None:
            self._trace = parent._trace
            for key, value in list(self._trace.fields.items()):
                if key in ("user_id", "session_id"):
                    span.set_attributes(current.dialect.trace(key, value))
        else:
            self._trace = _Trace(self, span)
        self._runtime, self._span = current, span

    @guarded()
    def _attach(self) -> None:
        if self._span is not None:
            context = otel.set_span_in_context(self._span)
            self._tokens.append(otel_context.attach(otel_context.set_value(_CURRENT, self, context)))

    @guarded()
    def _detach(self) -> None:
        if self._tokens:
            otel_context.detach(self._tokens.pop())

    @guarded()
    def update(
        self,
        *,
        input: Any = None,
        output: Any = None,
        model: Optional[str] = None,
        model_parameters: Optional[dict[str, Any]] = None,
        usage: Any = None,
        cost: Any = None,
        metadata: Optional[dict[str, Any]] = None,
        level: Optional[str] = None,
        status_message: Optional[str] = None,
        completion_start_time: Optional[datetime.datetime] = None,
        name: Optional[str] = None,
    ) -> None:
        """Sets what is given. `usage` is tokens by bucket, or the usage object of a model's client; `cost` is US dollars,
        in all or by bucket; `metadata` is added to what is there; `level` is `DEBUG`, `DEFAULT`, `WARNING` or `ERROR`."""
        if self._span is None or self._runtime is None:
            return
        if name is not None:
            self._name = name
            self._span.update_name(text(name))
        if metadata is not None:
            self._metadata.update(metadata if isinstance(metadata, dict) else {"value": metadata})
        if level is not None:
            level = text(level).upper()
            if level not in _LEVELS:
                warn_once("level", "assay: %r is no level", level)
                level = None
        fields = {
            "input": input,
            "output": output,
            "model": model,
            "model_parameters": model_parameters,
            "usage": usage,
            "cost": cost,
            "metadata": self._metadata if metadata is not None else None,
            "level": level,
            "status_message": status_message,
            "completion_start_time": completion_start_time,
        }
        for key, value in fields.items():
            if value is not None:
                self._set(key, value)
        if level == "ERROR":
            self._span.set_status(Status(StatusCode.ERROR, text(status_message or "")))

    @guarded()
    def _set(self, key: str, value: Any) -> None:
        # Each field on its own: one that cannot be written does not cost the others.
        if self._span is not None and self._runtime is not None:
            self._span.set_attributes(self._runtime.dialect.field(self._kind, key, value))

    @guarded()
    def _fail(self, error: BaseException) -> None:
        """Records an exception of the application. Leaving early is no failure."""
        if self._span is None or isinstance(error, (GeneratorExit, SystemExit)):
            return
        kind = type(error)
        message = f"{kind.__name__}: {text(error)}"
        self._span.set_attribute("error.type", f"{kind.__module__}.{kind.__qualname__}")
        self._set("level", "ERROR")
        self._set("status_message", message)
        self._span.set_status(Status(StatusCode.ERROR, message))
        self._span.record_exception(error)

    @guarded()
    def update_trace(
        self,
        *,
        name: Optional[str] = None,
        user_id: Optional[str] = None,
        session_id: Optional[str] = None,
        tags: Optional[list[str]] = None,
        metadata: Optional[dict[str, Any]] = None,
        public: Optional[bool] = None,
    ) -> None:
        """Sets what is given of the trace that this observation belongs to. Tags and metadata are added."""
        if self._span is None or self._trace is None or self._runtime is None:
            return
        dialect, trace = self._runtime.dialect, self._trace
        known = trace.fields
        # A root that has ended cannot be changed any more; then this span carries what is said of the trace.
        target = trace.root if trace.span.is_recording() else self
        fields: dict[str, Any] = {"name": name, "user_id": user_id, "session_id": session_id, "public": public}
        if tags is not None:
            listed = [tags] if isinstance(tags, str) else list(tags)
            fields["tags"] = list(dict.fromkeys([*known.get("tags", []), *listed]))
        if metadata is not None and dialect.one_metadata:
            target.update(metadata=metadata)
        elif metadata is not None:
            fields["metadata"] = {**known.get("metadata", {}), **metadata}
        for key, value in fields.items():
            if value is None:
                continue
            known[key] = value
            target._put(dialect.trace(key, value))
            if key in ("user_id", "session_id") and target is not self:
                self._put(dialect.trace(key, value))
        if name is not None and dialect.renames_root:
            trace.span.update_name(text(name))

    def _put(self, attributes: dict[str, Any]) -> None:
        if self._span is not None:
            self._span.set_attributes(attributes)

    def score(
        self,
        name: str,
        value: Union[float, bool, str],
        *,
        comment: Optional[str] = None,
        data_type: Optional[str] = None,
    ) -> None:
        """Scores this observation."""
        if self._span is not None:
            _score(name, value, self.trace_id, self.span_id, comment, data_type, self._span)

    @guarded()
    def end(self) -> None:
        """Ends the observation; a second time does nothing."""
        if self._span is not None and not self._ended:
            self._ended = True
            self._span.end()

    def __enter__(self) -> Span:
        self._start()
        self._attach()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        if error is not None:
            self._fail(error)
        self._detach()
        self.end()

    async def __aenter__(self) -> Span:
        return self.__enter__()

    async def __aexit__(self, *failure: Any) -> None:
        self.__exit__(*failure)


def span(name: str, *, type: str = "span", **fields: Any) -> Span:
    """An observation as a context manager: `with assay.span("retrieve", type="retriever") as s: ...`.

    `fields` are those of `Span.update`.
    """
    return _WithFields(name, type, fields) if fields else Span(name, type)


class _WithFields(Span):
    """Has fields from the start."""

    def __init__(self, name: str, kind: str, fields: dict[str, Any]) -> None:
        super().__init__(name, kind)
        self._given = fields

    def _start(self) -> None:
        super()._start()
        self.update(**self._given)


@guarded()
def current_span() -> Optional[Span]:
    """The observation that the code runs in; `None` outside of one."""
    found = otel_context.get_value(_CURRENT)
    return found if isinstance(found, Span) else None


def current_trace_id() -> Optional[str]:
    """32 hex digits; `None` outside of an observation."""
    found = current_span()
    return None if found is None else found.trace_id


def current_span_id() -> Optional[str]:
    """16 hex digits; `None` outside of an observation."""
    found = current_span()
    return None if found is None else found.span_id


def update_trace(
    *,
    name: Optional[str] = None,
    user_id: Optional[str] = None,
    session_id: Optional[str] = None,
    tags: Optional[list[str]] = None,
    metadata: Optional[dict[str, Any]] = None,
    public: Optional[bool] = None,
) -> None:
    """Sets what is given of the current trace. Outside of an observation it does nothing."""
    found = current_span()
    if found is None:
        if runtime() is not None:
            warn_once("update_trace", "assay: update_trace was called outside of an observation")
        return
    found.update_trace(
        name=name, user_id=user_id, session_id=session_id, tags=tags, metadata=metadata, public=public
    )


def score(
    name: str,
    value: Union[float, bool, str],
    *,
    trace_id: Optional[str] = None,
    observation_id: Optional[str] = None,
    comment: Optional[str] = None,
    data_type: Optional[str] = None,
) -> None:
    """Scores a trace, or one of its observations; the current trace when no `trace_id` is given.

    `data_type` is `NUMERIC`, `BOOLEAN`, `CATEGORICAL` or `TEXT`; by default what fits the value.
    """
    _score(name, value, trace_id, observation_id, comment, data_type, None)


@guarded()
def _score(
    name: str,
    value: Any,
    trace_id: Optional[str],
    observation_id: Optional[str],
    comment: Optional[str],
    data_type: Optional[str],
    target: Optional[otel.Span],
) -> None:
    current = runtime()
    if current is None:
        return
    around = current_span()
    if trace_id is None and around is not None:
        trace_id = around.trace_id
    if trace_id is None:
        warn_once("score", "assay: a score needs a trace_id outside of an observation")
        return
    known = around._trace.span if around is not None and around._trace is not None else None
    here = known is not None and around is not None and around.trace_id == trace_id
    if data_type is None:
        data_type = "BOOLEAN" if isinstance(value, bool) else "CATEGORICAL" if isinstance(value, str) else "NUMERIC"
    if not isinstance(value, str):
        value = plain(float(value), 100)
    scored = {
        "id": uuid.uuid4().hex,
        "trace_id": trace_id,
        "observation_id": observation_id,
        "name": text(name),
        "value": value,
        "data_type": data_type.upper(),
        "comment": None if comment is None else text(comment),
    }
    if current.scores is None:
        if target is None and observation_id is None and here:
            target = known
        if target is None and around is not None and observation_id == around.span_id:
            target = around._span
        _score_event(current, scored, target)
        return
    if current.settings.exporter == "phoenix":
        # Phoenix scores spans; the root span stands for the trace.
        if observation_id is None and here and known is not None:
            scored["observation_id"] = otel.format_span_id(known.get_span_context().span_id)
        if scored["observation_id"] is None:
            warn_once("score-phoenix", "assay: Phoenix needs an observation_id for a score of another trace")
            return
        current.scores.put(phoenix_body(scored))
    else:
        current.scores.put(langfuse_body(scored, current.settings.environment))


def _score_event(current: Runtime, scored: dict[str, Any], target: Optional[otel.Span]) -> None:
    """A score as an event of the span that it is about, or of a span of its own below that one."""
    attributes: dict[str, Any] = {"gen_ai.evaluation.name": scored["name"]}
    label = isinstance(scored["value"], str)
    attributes["gen_ai.evaluation.score." + ("label" if label else "value")] = scored["value"]
    if scored["comment"] is not None:
        attributes["gen_ai.evaluation.explanation"] = scored["comment"]
    own = target is None or not target.is_recording()
    if own:
        parent = None if target is None else target.get_span_context()
        if parent is None and scored["observation_id"] is not None:
            parent = SpanContext(
                int(scored["trace_id"], 16),
                int(scored["observation_id"], 16),
                is_remote=True,
                trace_flags=TraceFlags(TraceFlags.SAMPLED),
            )
        if parent is None:
            warn_once("score-otlp", "assay: a score of another trace needs an observation_id")
            return
        context = otel.set_span_in_context(NonRecordingSpan(parent), otel_context.Context())
        target = current.tracer.start_span("evaluation", context=context)
    if target is not None:
        target.add_event("gen_ai.evaluation.result", attributes)
        if own:
            target.end()
