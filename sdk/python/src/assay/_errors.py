"""What evaluations raise. A metric that fails is an `AssertionError`; everything else that goes wrong is an `AssayError`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from ._results import CaseResult


class AssayError(Exception):
    """Something that kept a case from being evaluated. It says nothing of the case."""


class NotConfigured(AssayError):
    """It is not known where the platform is, or in whose name to call it."""


class Unreachable(AssayError):
    """There is no platform where it should be."""


class TimedOut(AssayError):
    """The platform did not answer in time."""


class Refused(AssayError):
    """The platform answered with a problem."""

    def __init__(self, message: str, status: int, problem: Optional[dict[str, Any]] = None) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status."""
        self.problem = problem or {}
        """The problem document (RFC 9457), as far as there was one."""

    @property
    def passing(self) -> bool:
        """Whether the same call may succeed later."""
        return self.status in (408, 429) or self.status >= 500


class MetricError(AssayError):
    """A metric could not be computed: neither a pass nor a failure."""

    def __init__(self, message: str, result: CaseResult) -> None:
        super().__init__(message)
        self.result = result
        """All that is known of the case."""


class MetricsFailed(AssertionError):
    """A case is below the threshold of a metric."""

    def __init__(self, message: str, result: CaseResult) -> None:
        super().__init__(message)
        self.result = result
        """All that is known of the case."""


class AssayWarning(UserWarning):
    """Something that was let pass, and that a person should know of."""


# As callers import them, and as tracebacks show them.
for _public in (AssayError, NotConfigured, Unreachable, TimedOut, Refused, MetricError, MetricsFailed, AssayWarning):
    _public.__module__ = "assay"
