"""What came of an evaluation: a verdict a metric, of each case and over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ._cases import Case

STATUSES = ("passed", "failed", "error", "skipped")
REQUIREMENTS = ("all", "any", "majority")

_MOST_CHARS = 500


@dataclass
class MetricResult:
    """What one metric says of one case, over all its repetitions."""

    name: str
    kind: str
    status: str
    """`passed`, `failed`, `error` (it could not be computed) or `skipped` (it does not apply to the case)."""
    score: Optional[float]
    """In `[0, 1]`, the mean of the repetitions that have one; `None` without any: an error is no score of zero."""
    threshold: Optional[float]
    """The score at and above which the case passes."""
    reason: str
    """Why, for a person."""
    flaky: bool = False
    """Whether it is told but never decides."""
    repetitions: list[dict[str, Any]] = field(default_factory=list)
    """What the platform said each time."""

    def describe(self) -> str:
        """`exact_match (flaky): 0.20 < 0.50: the reason`, in one line."""
        name = f"{self.name} (flaky)" if self.flaky else self.name
        told = one_line(self.reason, _MOST_CHARS)
        if len(self.repetitions) > 1:
            passed = sum(one.get("status") == "passed" for one in self.repetitions)
            name += f", {passed} of {len(self.repetitions)} passed"
        if self.status == "error":
            return f"{name}: error, not scored: {told}"
        if self.status == "skipped":
            return f"{name}: skipped, does not apply: {told}"
        if self.score is None or self.threshold is None:
            return f"{name}: {self.status}: {told}"
        sign = "<" if self.score < self.threshold else ">="
        score, threshold = _figures(self.score, self.threshold)
        return f"{name}: score {score} {sign} threshold {threshold}: {told}"

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "status": self.status,
            "score": self.score,
            "threshold": self.threshold,
            "reason": self.reason,
            "flaky": self.flaky,
            "repetitions": self.repetitions,
        }


@dataclass
class CaseResult:
    """What came of one case."""

    case: Case
    metrics: list[MetricResult]
    """One a metric, in the order asked."""
    index: int = 0
    """Where the case stood among those that were given, from 0."""

    def of(self, status: str) -> list[MetricResult]:
        """The metrics that decide and came to this."""
        return [m for m in self.metrics if m.status == status and not m.flaky]

    @property
    def failed(self) -> bool:
        """Whether a metric that decides has failed."""
        return bool(self.of("failed"))

    @property
    def errored(self) -> bool:
        """Whether a metric that decides could not be computed."""
        return bool(self.of("error"))

    @property
    def passed(self) -> bool:
        """Whether no metric that decides has failed or could not be computed."""
        return not self.failed and not self.errored

    def metric(self, name: str) -> MetricResult:
        """The metric of that name. Raises `KeyError`."""
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "index": self.index,
            "name": self.case.name,
            "input": self.case.input,
            "actual_output": self.case.actual_output,
            "expected_output": self.case.expected_output,
            "passed": self.passed,
            "metrics": [metric.to_dict() for metric in self.metrics],
        }


@dataclass
class MetricTotals:
    """What one metric says over all cases."""

    name: str
    flaky: bool = False
    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    mean: Optional[float] = None
    """Of the scores; errors and what was skipped have none."""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return dict(vars(self))


@dataclass
class Evaluation:
    """What came of several cases, in the order in which they were given."""

    results: list[CaseResult]

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[CaseResult]:
        return iter(self.results)

    def __getitem__(self, index: int) -> CaseResult:
        return self.results[index]

    @property
    def passed(self) -> bool:
        """Whether every case has passed."""
        return all(result.passed for result in self.results)

    @property
    def metrics(self) -> list[MetricTotals]:
        """Totals by metric, in the order of first appearance."""
        return totals([m.to_dict() for result in self.results for m in result.metrics])

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "passed": self.passed,
            "metrics": [metric.to_dict() for metric in self.metrics],
            "cases": [result.to_dict() for result in self.results],
        }


def totals(metrics: Sequence[dict[str, Any]]) -> list[MetricTotals]:
    """Counts by the names of metrics, given as `MetricResult.to_dict` has them."""
    found: dict[tuple[str, bool], MetricTotals] = {}
    scores: dict[tuple[str, bool], list[float]] = {}
    for one in metrics:
        key = (one["name"], one["flaky"])
        total = found.setdefault(key, MetricTotals(*key))
        counted = "errors" if one["status"] == "error" else one["status"]
        setattr(total, counted, getattr(total, counted) + 1)
        if one["score"] is not None:
            scores.setdefault(key, []).append(one["score"])
    for key, values in scores.items():
        found[key].mean = sum(values) / len(values)
    return list(found.values())


def combine(name: str, verdicts: Sequence[dict[str, Any]], require: str, flaky: bool) -> MetricResult:
    """One result of what a metric said each time.

    A repetition that could not be computed may have passed or not: it matters only where that would make a difference. One to
    which the metric does not apply says nothing.
    """
    statuses = [_status(one) for one in verdicts]
    told = [one for one in statuses if one != "skipped"]
    passes, open_ = told.count("passed"), told.count("error")
    needed = {"all": len(told), "any": 1, "majority": len(told) // 2 + 1}[require]
    if not told:
        status = "skipped"
    elif passes >= needed:
        status = "passed"
    elif passes + open_ < needed:
        status = "failed"
    else:
        status = "error"
    scores = [float(one["score"]) for one in verdicts if isinstance(one.get("score"), (int, float))]
    # The reason of a repetition that came to the same.
    shown = next((one for one, s in zip(verdicts, statuses) if s == status), verdicts[0])
    return MetricResult(
        name=name,
        kind=str(shown.get("kind", name)),
        status=status,
        score=sum(scores) / len(scores) if scores else None,
        threshold=shown.get("threshold"),
        reason=str(shown.get("reason", "")),
        flaky=flaky,
        repetitions=list(verdicts),
    )


def _status(verdict: dict[str, Any]) -> str:
    # What a later platform may say besides is no verdict that this version can read.
    status = verdict.get("status")
    return status if isinstance(status, str) and status in STATUSES else "error"


def _figures(score: float, threshold: float) -> tuple[str, str]:
    """Two digits, or as many as it takes to tell one from the other."""
    digits = 2
    while score != threshold and digits < 17 and f"{score:.{digits}f}" == f"{threshold:.{digits}f}":
        digits += 1
    return f"{score:.{digits}f}", f"{threshold:.{digits}f}"


def one_line(text: Optional[str], most: int) -> str:
    """A text in one line of at most so many characters."""
    flat = " ".join((text or "").split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
