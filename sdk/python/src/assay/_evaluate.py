"""`evaluate` and `assert_test`: cases in, verdicts out; and an exception where a test should fail."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Any, Callable, Optional, Union

from ._cases import Case, CaseLike, Metric, MetricLike, as_case, as_metrics
from ._client import Client
from ._errors import AssayError, AssayWarning, MetricError, MetricsFailed, Refused, TimedOut
from ._results import REQUIREMENTS, CaseResult, Evaluation, combine, one_line
from ._settings import _env

Metrics = Union[MetricLike, Iterable[MetricLike]]

_SETTINGS = ("metrics", "judge", "repeat", "require", "ignore_errors", "fail_on_skipped", "seed", "timeout_s")

defaults: dict[str, Any] = {}
"""What holds where a caller gives nothing: the plugin for pytest puts a test's marker here."""
observers: list[Callable[[CaseResult], None]] = []
"""Who is told of every result."""


def evaluate(
    cases: Union[CaseLike, Iterable[CaseLike]],
    metrics: Optional[Metrics] = None,
    *,
    judge: Optional[str] = None,
    repeat: Optional[int] = None,
    require: Optional[str] = None,
    concurrency: int = 8,
    seed: Optional[int] = None,
    timeout_s: Optional[float] = None,
    client: Optional[Client] = None,
) -> Evaluation:
    """Scores cases by metrics, and fails nothing: the result says what came of each.

    `judge` is the model that judges, by its id or as `name:NAME`; `ASSAY_JUDGE` where it is absent. With `repeat` each case is
    scored so many times, with a seed of its own each time, and `require` (`all`, `any`, `majority`) says how many of them must
    pass. At most `concurrency` calls go on at the same time; results come in the order of the cases. `timeout_s` is for one call
    with its retries.

    A call that is not answered in time, or only with a fault of the platform, is an error of that case's metrics. Raises
    `AssayError` where the platform cannot be reached or refuses what is asked, and `TypeError` or `ValueError` where that could
    not be asked at all.
    """
    repeat = int(_given("repeat", repeat, 1))
    require = _given("require", require, "all")
    seed = int(_given("seed", seed, 0))
    timeout_s = _given("timeout_s", timeout_s, None)
    judge = _given("judge", judge, None) or _env("ASSAY_JUDGE")
    metrics = _given("metrics", metrics, None)
    if metrics is None:
        raise TypeError("metrics are missing: give them to the call, or to the marker of the test")
    if repeat < 1 or concurrency < 1:
        raise ValueError("`repeat` and `concurrency` must be at least 1")
    if require not in REQUIREMENTS:
        raise ValueError(f"`require` is {require!r}, not one of {', '.join(REQUIREMENTS)}")
    asked = as_metrics(metrics)
    several: Iterable[CaseLike] = [cases] if isinstance(cases, (Case, Mapping)) else cases
    wanted = [as_case(one) for one in several]
    if not wanted:
        return Evaluation([])
    calling = client or Client()
    with_judge = calling.judge(judge) if judge else None

    def once(case: Case, repetition: int) -> list[dict[str, Any]]:
        try:
            return calling.score(
                case, asked, judge=with_judge, seed=seed + repetition, timeout_s=timeout_s
            )
        except (TimedOut, Refused) as error:
            if isinstance(error, Refused) and not error.passing:
                raise
            return [_unanswered(metric, error) for metric in asked]

    jobs = [(case, repetition) for case in wanted for repetition in range(repeat)]
    answers = _side_by_side(jobs, once, concurrency)
    results = []
    for index, case in enumerate(wanted):
        said = answers[index * repeat : (index + 1) * repeat]
        verdicts = [
            combine(metric.display_name, [one[i] for one in said], require, metric.flaky)
            for i, metric in enumerate(asked)
        ]
        result = CaseResult(case, verdicts, index)
        results.append(result)
        for observer in list(observers):
            observer(result)
    return Evaluation(results)


def assert_test(
    case: CaseLike,
    metrics: Optional[Metrics] = None,
    *,
    judge: Optional[str] = None,
    repeat: Optional[int] = None,
    require: Optional[str] = None,
    ignore_errors: Optional[bool] = None,
    fail_on_skipped: Optional[bool] = None,
    concurrency: int = 8,
    seed: Optional[int] = None,
    timeout_s: Optional[float] = None,
    client: Optional[Client] = None,
) -> CaseResult:
    """Fails unless the case passes every metric that decides, and gives the result.

    Raises `MetricsFailed`, an `AssertionError`, where a metric is below its threshold, and `MetricError` where none is and one
    could not be computed. With `ignore_errors` the latter is a warning. A metric that does not apply to the case (`skipped`)
    fails nothing, unless `fail_on_skipped`. A metric that is `flaky` never decides. The rest is as in `evaluate`; that the
    platform cannot be reached or refuses the question is never ignored.
    """
    __tracebackhide__ = True
    if not isinstance(case, (Case, Mapping)):
        raise TypeError(f"a case is an assay.Case or a mapping, not {type(case).__name__}; several go to assay.evaluate")
    ignore_errors = bool(_given("ignore_errors", ignore_errors, False))
    fail_on_skipped = bool(_given("fail_on_skipped", fail_on_skipped, False))
    result = evaluate(
        [case],
        metrics,
        judge=judge,
        repeat=repeat,
        require=require,
        concurrency=concurrency,
        seed=seed,
        timeout_s=timeout_s,
        client=client,
    )[0]
    failed = result.of("failed") + (result.of("skipped") if fail_on_skipped else [])
    errors = result.of("error")
    if failed:
        raise MetricsFailed(_message(result, f"{_count(failed)} failed", failed + errors), result)
    if errors and not ignore_errors:
        raise MetricError(_message(result, f"{_count(errors)} could not be computed", errors), result)
    if errors:
        text = _message(result, f"{_count(errors)} could not be computed, which is ignored", errors)
        warnings.warn(text, AssayWarning, stacklevel=2)
    return result


def _given(name: str, given: Any, otherwise: Any) -> Any:
    """What the caller gives, else what the test's marker says."""
    return given if given is not None else defaults.get(name, otherwise)


def check_settings(settings: Mapping[str, Any]) -> Optional[str]:
    """What is wrong with settings of a marker."""
    for name in settings:
        if name not in _SETTINGS:
            return f"{name!r} is not one of {', '.join(_SETTINGS)}"
    return None


def _unanswered(metric: Metric, error: AssayError) -> dict[str, Any]:
    return {"name": metric.display_name, "kind": metric.kind, "status": "error", "score": None, "reason": str(error)}


def _side_by_side(
    jobs: list[tuple[Case, int]],
    work: Callable[[Case, int], list[dict[str, Any]]],
    concurrency: int,
) -> list[list[dict[str, Any]]]:
    """Answers in the order of the jobs. The first exception ends what has not begun."""
    if len(jobs) == 1 or concurrency == 1:
        return [work(*job) for job in jobs]
    pool = ThreadPoolExecutor(min(concurrency, len(jobs)), thread_name_prefix="assay-evaluate")
    try:
        futures: list[Future[list[dict[str, Any]]]] = [pool.submit(work, *job) for job in jobs]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        for future in done:
            error = future.exception()
            if error is not None:
                raise error
        return [future.result() for future in futures]
    finally:
        # Also when a person interrupts: what goes on is bounded by its timeout, and nobody waits for it.
        pool.shutdown(wait=False, cancel_futures=True)


def _count(metrics: list[Any]) -> str:
    return "1 metric" if len(metrics) == 1 else f"{len(metrics)} metrics"


def _message(result: CaseResult, what: str, metrics: list[Any]) -> str:
    case = result.case
    lines = [f"{what}{f' for case {case.name!r}' if case.name else ''} (of {len(result.metrics)})"]
    lines += [f"  {metric.describe()}" for metric in metrics]
    for label, text in (
        ("input", case.input),
        ("actual_output", case.actual_output),
        ("expected_output", case.expected_output),
    ):
        if text:
            lines.append(f"  {label}: {one_line(text, 300)}")
    return "\n".join(lines)
