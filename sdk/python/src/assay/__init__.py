"""Traces and scores of AI agents: one API, sent to Assay, Langfuse, Phoenix or any OpenTelemetry collector.

Nothing of this raises into the code that it observes. What goes wrong inside is logged once, as a warning of the logger
`assay`. Without configuration every call does nothing.

Beside it, assertions for tests: `assert_test` and `evaluate` have Assay score cases by metrics. They do raise.
"""

from ._cases import Case, Message, Metric, ToolCall
from ._client import Client
from ._errors import (
    AssayError,
    AssayWarning,
    MetricError,
    MetricsFailed,
    NotConfigured,
    Refused,
    TimedOut,
    Unreachable,
)
from ._evaluate import assert_test, evaluate
from ._observe import observe
from ._results import CaseResult, Evaluation, MetricResult, MetricTotals
from ._runtime import flush, init, shutdown
from ._span import Span, current_span, current_span_id, current_trace_id, score, span, update_trace
from ._version import VERSION as __version__

__all__ = [
    "AssayError",
    "AssayWarning",
    "Case",
    "CaseResult",
    "Client",
    "Evaluation",
    "Message",
    "Metric",
    "MetricError",
    "MetricResult",
    "MetricTotals",
    "MetricsFailed",
    "NotConfigured",
    "Refused",
    "Span",
    "TimedOut",
    "ToolCall",
    "Unreachable",
    "__version__",
    "assert_test",
    "current_span",
    "current_span_id",
    "current_trace_id",
    "evaluate",
    "flush",
    "init",
    "observe",
    "score",
    "shutdown",
    "span",
    "update_trace",
]
