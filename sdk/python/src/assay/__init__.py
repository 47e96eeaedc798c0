"""Traces and scores of AI agents: one API, sent to Assay, Langfuse, Phoenix or any OpenTelemetry collector.

Nothing in this package raises into the code that it observes. What goes wrong inside is logged once, as a warning of the
logger `assay`. Without configuration every call does nothing.
"""

from ._observe import observe
from ._runtime import flush, init, shutdown
from ._span import Span, current_span, current_span_id, current_trace_id, score, span, update_trace
from ._version import VERSION as __version__

__all__ = [
    "Span",
    "__version__",
    "current_span",
    "current_span_id",
    "current_trace_id",
    "flush",
    "init",
    "observe",
    "score",
    "shutdown",
    "span",
    "update_trace",
]
