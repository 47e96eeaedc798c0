"""The plugin for pytest, in runs of its own."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator

import pytest
from scripted import Scripted, by_output, scripted

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "src"


@pytest.fixture
def platform() -> Iterator[Scripted]:
    with scripted(by_output) as server:
        yield server


def installed() -> bool:
    found = importlib.metadata.entry_points()
    group = found.select(group="pytest11") if hasattr(found, "select") else found.get("pytest11", [])
    return any(one.value == "assay.pytest_plugin" for one in group)


def run(folder: pathlib.Path, server: Scripted, test: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    (folder / "test_it.py").write_text(test, encoding="utf-8")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ASSAY_", "PYTEST_"))}
    keys = {"ASSAY_BASE_URL": server.url, "ASSAY_PUBLIC_KEY": "pk", "ASSAY_SECRET_KEY": "sk"}
    plugin = [] if installed() else ["-p", "assay.pytest_plugin"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", "-c", os.devnull]
        + ["--rootdir", str(folder), *arguments, str(folder)],
        env={**clean, **keys, "PYTHONPATH": str(SOURCE)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


TESTS = """
import assay, pytest

pytestmark = pytest.mark.assay(metrics=["a", assay.Metric("tone", flaky=True)], judge="m-module")

def test_passes():
    assay.assert_test(assay.Case(input="q", actual_output="good bad"))

@pytest.mark.assay(metrics=["a"], judge="m-own", repeat=2)
def test_fails():
    assay.assert_test({"input": "q", "actual_output": "bad"})

@pytest.mark.assay(ignore_errors=True)
def test_ignores_errors():
    assay.assert_test(assay.Case(input="q", actual_output="error good"))

def test_errs():
    assay.assert_test(assay.Case(input="q", actual_output="error good"))

def test_client(assay_client):
    assert not assay.evaluate([assay.Case(actual_output="skipped")], "c", client=assay_client)[0].failed

def test_of_another_thing():
    assert True
"""


def check_report(folder: pathlib.Path) -> None:
    report = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    assert report["schema_version"] == 1
    assert report["summary"] == {"tests": 5, "cases": 5, "passed": 2}
    outcomes = {one["test"].split("::")[1]: one["outcome"] for one in report["tests"]}
    assert outcomes == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_ignores_errors": "passed",
        "test_errs": "failed",
        "test_client": "passed",
    }
    by_name = {one["name"]: one for one in report["metrics"]}
    assert {k: by_name["a"][k] for k in ("passed", "failed", "errors", "mean")} == {
        "passed": 1,
        "failed": 1,
        "errors": 2,
        "mean": 0.625,
    }
    assert by_name["tone"]["flaky"] is True and by_name["c"]["skipped"] == 1
    fails = next(one for one in report["tests"] if one["test"].endswith("test_fails"))
    assert len(fails["cases"][0]["metrics"][0]["repetitions"]) == 2


def test_marker_report_and_table(tmp_path: pathlib.Path, platform: Scripted) -> None:
    done = run(tmp_path, platform, TESTS, "--assay-report", "out.json", "--strict-markers")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 failed, 4 passed" in done.stdout, done.stdout
    lines = done.stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("===") and " assay " in line)
    assert [line.split() for line in lines[at + 1 : at + 5]] == [
        ["metric", "passed", "failed", "errors", "skipped", "mean"],
        ["a", "1", "1", "2", "0", "0.625"],
        ["tone", "(flaky)", "2", "1", "0", "0", "0.750"],
        ["c", "0", "0", "0", "1", "-"],
    ]
    assert "assay.MetricsFailed: 1 metric failed (of 1)" in done.stdout and "a, 0 of 2 passed: score 0.25 < threshold 0.50" in done.stdout
    # The package's own frames are not shown.
    assert "_evaluate.py" not in done.stdout, done.stdout
    judges = [body["judge_model_id"] for body in platform.bodies[:3]]
    assert judges == ["m-module", "m-own", "m-own"]
    check_report(tmp_path)


@pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="pytest-xdist is not installed")
def test_results_of_other_processes_arrive(tmp_path: pathlib.Path, platform: Scripted) -> None:
    done = run(tmp_path, platform, TESTS, "--assay-report", "out.json", "-n", "2")
    assert done.returncode == 1, done.stdout + done.stderr
    check_report(tmp_path)


def test_a_run_without_evaluations_is_as_it_was(tmp_path: pathlib.Path, platform: Scripted) -> None:
    done = run(tmp_path, platform, "def test_it(): pass", "-q")
    assert done.returncode == 0 and "assay" not in done.stdout, done.stdout


@pytest.mark.parametrize(
    "mark,words",
    [
        ("repeats=3", "'repeats' is not one of metrics, judge"),
        ("'a'", "it takes names only"),
    ],
)
def test_a_marker_that_is_wrong_is_told(tmp_path: pathlib.Path, platform: Scripted, mark: str, words: str) -> None:
    done = run(tmp_path, platform, f"import pytest\n@pytest.mark.assay({mark})\ndef test_it(): pass")
    assert done.returncode == 4 and words in done.stdout + done.stderr, done.stdout + done.stderr


def test_a_report_that_cannot_be_written_is_told_at_once(tmp_path: pathlib.Path, platform: Scripted) -> None:
    done = run(tmp_path, platform, TESTS, "--assay-report", "nowhere/out.json")
    assert done.returncode == 4 and "there is no folder" in done.stderr and platform.paths == []


def test_a_table_holds_long_names() -> None:
    from assay import MetricTotals
    from assay.pytest_plugin import table

    lines = table([MetricTotals("x" * 40, passed=1234567, mean=1 / 3), MetricTotals("y")])
    assert len({len(line) for line in lines}) == 1 and "0.333" in lines[1] and lines[2].endswith("-")
