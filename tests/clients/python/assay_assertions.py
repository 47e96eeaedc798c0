"""The assertions of our own SDK: a test-suite of a user, under pytest, with metrics that need no judge and with a judge that is
played here.

The suite is a process of its own, as a user's is. What it reports is read back from the file that it wrote.
"""

import base64
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading
import urllib.request

SDK = pathlib.Path(__file__).resolve().parents[3] / "sdk/python/src"
URL = os.environ["LANGFUSE_HOST"]
PUBLIC, SECRET = os.environ["LANGFUSE_PUBLIC_KEY"], os.environ["LANGFUSE_SECRET_KEY"]
BASIC = "Basic " + base64.b64encode(f"{PUBLIC}:{SECRET}".encode()).decode()

SUITE = '''
import pytest, assay

GOOD = assay.Case("Where is it?", actual_output="In Lyon.", expected_output="In Lyon.", retrieval_context=["It is in Lyon."])
BAD = {"input": "Where is it?", "actual_output": "In Rome.", "expected_output": "In Lyon.", "name": "rome"}
FAITHFUL = assay.Metric("faithfulness", threshold=0.5)

def test_deterministic_passes():
    result = assay.assert_test(GOOD, ["exact_match", assay.Metric("contains", params={"values": ["Lyon"]})])
    assert [m.score for m in result.metrics] == [1.0, 1.0]

def test_deterministic_fails():
    assay.assert_test(BAD, ["exact_match", assay.Metric("contains", name="a city", params={"values": ["Rome"]})])

def test_what_does_not_apply():
    result = assay.assert_test(assay.Case("q", actual_output="a"), ["tool_correctness"])
    assert result.metrics[0].status == "skipped"

@pytest.mark.assay(judge="name:asserting", repeat=3, require="majority")
def test_judge_passes():
    result = assay.assert_test(GOOD, FAITHFUL)
    found = result.metric("faithfulness")
    assert (found.score, found.status, len(found.repetitions)) == (0.5, "passed", 3)
    assert found.reason == "because"

@pytest.mark.assay(judge="name:asserting")
def test_judge_fails():
    assay.assert_test(GOOD, assay.Metric("faithfulness", name="strict", threshold=0.9))

@pytest.mark.assay(judge="name:babbling")
def test_judge_errs():
    assay.assert_test(GOOD, ["exact_match", FAITHFUL])

@pytest.mark.assay(judge="name:babbling", ignore_errors=True)
def test_judge_errs_and_is_ignored():
    assay.assert_test(GOOD, ["exact_match", FAITHFUL])

def test_several(assay_client):
    found = assay.evaluate([GOOD, BAD] * 10, "exact_match", client=assay_client)
    assert [r.passed for r in found] == [True, False] * 10

def test_what_is_wrong_with_a_metric_is_told():
    with pytest.raises(assay.Refused, match="/metrics/0/params"):
        assay.assert_test(GOOD, assay.Metric("regex", params={"pattern": "("}), ignore_errors=True)
    with pytest.raises(assay.Refused, match="judge_model_id"):
        assay.assert_test(GOOD, "bias")
'''


def equal(found, expected, what):
    """Ends the program when the two differ."""
    if found != expected:
        raise SystemExit(f"{what}: expected {expected!r}, found {found!r}")


class Judge(http.server.BaseHTTPRequestHandler):
    """Answers by the name of the question's schema; under `/babbling` with nothing that can be read."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        schema = body.get("response_format", {}).get("json_schema", {}).get("name", "")
        verdicts = [{"verdict": "yes", "reason": "r0"}, {"verdict": "no", "reason": "r1"}]
        said = {
            "Truths": {"truths": ["t1", "t2"]},
            "Claims": {"claims": ["c1", "c2"]},
            "Verdicts": {"verdicts": verdicts},
        }.get(schema, {"reason": "because"})
        text = "I would rather talk of the weather." if "babbling" in self.path else json.dumps(said)
        answer = {
            "id": "c-1",
            "object": "chat.completion",
            "model": "scripted-1",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
        }
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


def create(path, body):
    """Makes something on the platform."""
    headers = {"Authorization": BASIC, "Content-Type": "application/json"}
    request = urllib.request.Request(URL + path, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


judge = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Judge)
threading.Thread(target=judge.serve_forever, daemon=True).start()
for name in ("asserting", "babbling"):
    base = f"http://127.0.0.1:{judge.server_port}/{name}/v1"
    create("/api/v1/models", {"name": name, "base_url": base, "model": "scripted", "api_key": "sk-judge"})

suite = pathlib.Path("test_suite.py").resolve()
suite.write_text(SUITE, encoding="utf-8")
prefixes = ("ASSAY_", "LANGFUSE_", "OTEL_", "PYTHON", "PYTEST_")
clean = {k: v for k, v in os.environ.items() if not k.startswith(prefixes)}
keys = {"ASSAY_BASE_URL": URL, "ASSAY_PUBLIC_KEY": PUBLIC, "ASSAY_SECRET_KEY": SECRET}
done = subprocess.run(
    [sys.executable, "-m", "pytest", "-p", "assay.pytest_plugin", "-p", "no:cacheprovider", "-c", os.devnull]
    + ["--rootdir", str(suite.parent), "--assay-report", "report.json", str(suite)],
    env={**clean, **keys, "PYTHONPATH": str(SDK), "PYTHONDONTWRITEBYTECODE": "1"},
    capture_output=True,
    text=True,
    timeout=70,
)
said = done.stdout + done.stderr
equal(done.returncode, 1, f"the suite's exit code, which said {said}")
report = json.loads(pathlib.Path("report.json").read_text(encoding="utf-8"))
equal("3 failed, 6 passed" in said, True, f"outcomes of the tests: {said}")
outcomes = {one["test"].split("::")[1]: one["outcome"] for one in report["tests"]}
failed = sorted(name for name, outcome in outcomes.items() if outcome == "failed")
equal(failed, ["test_deterministic_fails", "test_judge_errs", "test_judge_fails"], "tests that fail")
for line in (
    "1 metric failed for case 'rome' (of 2)",
    "exact_match: score 0.00 < threshold 1.00",
    "strict: score 0.50 < threshold 0.90: because",
    "1 metric could not be computed (of 2)",
    "faithfulness: error, not scored",
):
    equal(line in said, True, f"{line!r} in what pytest says: {said}")
equal("assay.MetricError" in said or "MetricError" in said, True, f"an error is told apart: {said}")
totals = {one["name"]: one for one in report["metrics"]}
equal((totals["faithfulness"]["passed"], totals["faithfulness"]["errors"]), (1, 2), "totals of the judge's metric")
equal((totals["exact_match"]["passed"], totals["exact_match"]["failed"]), (13, 11), "totals of the exact metric")
