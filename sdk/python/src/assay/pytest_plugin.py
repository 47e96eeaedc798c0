"""The plugin for pytest: a marker with settings, a table at the end, a report in JSON, and a client as a fixture.

It is found by its entry point when the package is installed, and says nothing in a run whose tests evaluate nothing. What each
test found travels with pytest's own report of the test, so that it also arrives from the processes of `pytest-xdist`.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any, Optional

import pytest

from . import _evaluate
from ._client import Client
from ._results import CaseResult, MetricTotals, totals
from ._version import VERSION

SCHEMA_VERSION = 1

_MARKER = "assay"
_FOUND = "assay_cases"
_KEY = "assay-collector"


@pytest.fixture(scope="session")
def assay_client() -> Client:
    """A client of the platform, from the settings of the environment."""
    return Client()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("assay", "evaluation by Assay")
    group.addoption(
        "--assay-report",
        metavar="FILE.json",
        default=None,
        help="write what Assay said of every case to this file",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "assay(metrics=, judge=, repeat=, require=, ignore_errors=, fail_on_skipped=, seed=, timeout_s=): "
        "what assay.assert_test and assay.evaluate do in this test where they are not told otherwise.",
    )
    path = config.getoption("--assay-report")
    if path and not hasattr(config, "workerinput"):
        folder = os.path.dirname(os.path.abspath(path))
        if not os.path.isdir(folder):
            raise pytest.UsageError(f"--assay-report: there is no folder {folder}")
    config.pluginmanager.register(_Collector(config, path), _KEY)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark in item.iter_markers(_MARKER):
            wrong = "it takes names only" if mark.args else _evaluate.check_settings(mark.kwargs)
            if wrong:
                raise pytest.UsageError(f"{item.nodeid}: the marker `assay`: {wrong}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    # The nearest marker wins, setting by setting.
    settings: dict[str, Any] = {}
    for mark in item.iter_markers(_MARKER):
        settings = {**mark.kwargs, **settings}
    before = dict(_evaluate.defaults)
    _evaluate.defaults.clear()
    _evaluate.defaults.update(settings)
    try:
        yield
    finally:
        _evaluate.defaults.clear()
        _evaluate.defaults.update(before)


class _Collector:
    """Keeps what tests find, and tells it at the end."""

    def __init__(self, config: pytest.Config, path: Optional[str]) -> None:
        self._config = config
        self._path = path
        self._fresh: list[CaseResult] = []
        self._tests: dict[str, dict[str, Any]] = {}
        _evaluate.observers.append(self._fresh.append)

    def pytest_unconfigure(self) -> None:
        if self._fresh.append in _evaluate.observers:
            _evaluate.observers.remove(self._fresh.append)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        outcome: Any = yield
        if self._fresh:
            # Attributes of a report go wherever the report goes; they must be plain.
            setattr(outcome.get_result(), _FOUND, [one.to_dict() for one in self._fresh])
            self._fresh.clear()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        cases = getattr(report, _FOUND, None)
        known = self._tests.get(report.nodeid)
        if cases is None and known is None:
            return
        if known is None:
            known = self._tests[report.nodeid] = {"test": report.nodeid, "outcome": "passed", "cases": []}
        known["cases"].extend(cases or [])
        # A test fails in whichever of its phases fails.
        if report.outcome != "passed" and known["outcome"] != "failed":
            known["outcome"] = report.outcome

    @property
    def totals(self) -> list[MetricTotals]:
        cases = [case for test in self._tests.values() for case in test["cases"]]
        return totals([metric for case in cases for metric in case["metrics"]])

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        found = self.totals
        if found:
            terminalreporter.section("assay")
            for line in table(found):
                terminalreporter.write_line(line)
        if self._path:
            try:
                self._write(self._path)
            except OSError as error:
                terminalreporter.write_line(f"assay: the report could not be written: {error}", red=True)
            else:
                terminalreporter.write_line(f"assay: report written to {self._path}")

    def _write(self, path: str) -> None:
        cases = [case for test in self._tests.values() for case in test["cases"]]
        report = {
            "schema_version": SCHEMA_VERSION,
            "generator": f"assay-sdk-python/{VERSION}",
            "generated_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "summary": {
                "tests": len(self._tests),
                "cases": len(cases),
                "passed": sum(case["passed"] for case in cases),
            },
            "metrics": [metric.to_dict() for metric in self.totals],
            "tests": list(self._tests.values()),
        }
        # A reader never finds half a report.
        part = f"{path}.part"
        with open(part, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2, ensure_ascii=True)
            file.write("\n")
        os.replace(part, path)


def table(metrics: list[MetricTotals]) -> list[str]:
    """Lines of a table: a metric each."""
    head = ("metric", "passed", "failed", "errors", "skipped", "mean")
    rows = [
        (
            f"{m.name} (flaky)" if m.flaky else m.name,
            str(m.passed),
            str(m.failed),
            str(m.errors),
            str(m.skipped),
            "-" if m.mean is None else f"{m.mean:.3f}",
        )
        for m in metrics
    ]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    return [
        "  ".join([row[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(row[1:], widths[1:]))])
        for row in [head, *rows]
    ]
