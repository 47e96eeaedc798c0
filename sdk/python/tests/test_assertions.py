"""`assert_test` and `evaluate`: what passes, what fails, and what is neither."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from scripted import Scripted, by_output, scripted, verdict

import assay


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    with scripted(by_output) as server:
        monkeypatch.setenv("ASSAY_BASE_URL", server.url)
        monkeypatch.setenv("ASSAY_PUBLIC_KEY", "pk")
        monkeypatch.setenv("ASSAY_SECRET_KEY", "sk")
        yield server


def case(outcomes: str, **fields: Any) -> assay.Case:
    return assay.Case(input="How long?", actual_output=outcomes, **fields)


def test_a_case_that_passes_gives_its_result(platform: Scripted) -> None:
    result = assay.assert_test(case("good good"), ["exact_match", assay.Metric("g_eval", name="tone")])
    assert result.passed and [m.name for m in result.metrics] == ["exact_match", "tone"]
    assert result.metric("tone").score == 1.0
    body = platform.bodies[0]
    assert platform.paths == ["/api/v1/evaluate"]
    assert body["metrics"] == [{"kind": "exact_match"}, {"kind": "g_eval", "name": "tone"}]
    assert body["case"] == {
        "input": "How long?",
        "actual_output": "good good",
        "context": [],
        "retrieval_context": [],
        "tools_called": [],
        "messages": [],
    }
    assert platform.headers[0]["authorization"] == "Basic cGs6c2s="


def test_a_failure_names_each_failed_metric(platform: Scripted) -> None:
    metrics = [assay.Metric("a", threshold=0.5), "b", assay.Metric("c", threshold=0.75), "d"]
    with pytest.raises(AssertionError) as raised:
        assay.assert_test(case("bad good bad error", name="refund", expected_output="5 days"), metrics)
    assert isinstance(raised.value, assay.MetricsFailed)
    assert str(raised.value).splitlines() == [
        "2 metrics failed for case 'refund' (of 4)",
        "  a: score 0.25 < threshold 0.50: it is bad",
        "  c: score 0.25 < threshold 0.75: it is bad",
        "  d: error, not scored: it is error",
        "  input: How long?",
        "  actual_output: bad good bad error",
        "  expected_output: 5 days",
    ]
    assert [m.name for m in raised.value.result.of("failed")] == ["a", "c"]


def test_an_error_is_not_a_failure(platform: Scripted) -> None:
    with pytest.raises(assay.MetricError, match="1 metric could not be computed") as raised:
        assay.assert_test(case("good error"), ["a", "b"])
    assert not isinstance(raised.value, AssertionError) and "it is error" in str(raised.value)
    assert raised.value.result.metric("b").score is None
    with pytest.warns(assay.AssayWarning, match="which is ignored"):
        result = assay.assert_test(case("good error"), ["a", "b"], ignore_errors=True)
    assert result.errored and not result.failed
    # A failure is one whatever else could not be computed.
    with pytest.raises(assay.MetricsFailed):
        assay.assert_test(case("bad error"), ["a", "b"], ignore_errors=True)


def test_what_does_not_apply_fails_nothing_unless_it_should(platform: Scripted) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = assay.assert_test(case("skipped good"), ["a", "b"])
    assert result.passed and result.metric("a").status == "skipped"
    with pytest.raises(assay.MetricsFailed, match="a: skipped, does not apply: it is skipped"):
        assay.assert_test(case("skipped good"), ["a", "b"], fail_on_skipped=True)


@pytest.mark.parametrize("outcome", ["bad", "error", "skipped"])
def test_a_flaky_metric_never_decides(platform: Scripted, outcome: str) -> None:
    metrics = [{"kind": "a", "flaky": True}, "b"]
    result = assay.assert_test(case(f"{outcome} good"), metrics, fail_on_skipped=True)
    assert result.passed and "(flaky)" in result.metric("a").describe()
    assert "flaky" not in platform.bodies[0]["metrics"][0]
    with pytest.raises(assay.MetricsFailed) as raised:
        assay.assert_test(case(f"{outcome} bad"), metrics)
    assert "1 metric failed" in str(raised.value)


@pytest.mark.parametrize(
    "require,outcomes,status",
    [
        ("all", "good good good", "passed"),
        ("all", "good good bad", "failed"),
        ("all", "good good error", "error"),
        ("all", "bad error error", "failed"),
        ("all", "good good skipped", "passed"),
        ("any", "bad bad good", "passed"),
        ("any", "bad error good", "passed"),
        ("any", "bad bad error", "error"),
        ("any", "bad bad bad", "failed"),
        ("majority", "good bad good", "passed"),
        ("majority", "good bad bad", "failed"),
        ("majority", "good bad error", "error"),
        ("majority", "good good error", "passed"),
        ("majority", "error bad bad", "failed"),
        ("majority", "good skipped bad", "failed"),
        ("majority", "skipped skipped skipped", "skipped"),
    ],
)
def test_repetitions_decide_together(
    monkeypatch: pytest.MonkeyPatch, require: str, outcomes: str, status: str
) -> None:
    made = {"good": ("passed", 1.0), "bad": ("failed", 0.0), "error": ("error", None), "skipped": ("skipped", None)}
    words = outcomes.split()

    def answer(path: str, body: Any, number: int) -> Any:
        # Each repetition has a seed of its own.
        return {"results": [verdict(body["metrics"][0], *made[words[body["seed"] - 7]])]}

    with scripted(answer) as server:
        client = assay.Client(base_url=server.url, public_key="pk", secret_key="sk")
        found = assay.evaluate([case("-")], "a", repeat=3, require=require, seed=7, client=client)[0].metric("a")
    assert sorted(body["seed"] for body in server.bodies) == [7, 8, 9]
    assert found.status == status
    assert [one["status"] for one in found.repetitions] == [made[word][0] for word in words]
    scores = [made[word][1] for word in words if made[word][1] is not None]
    assert found.score == (sum(scores) / len(scores) if scores else None)


def test_cases_keep_their_order_and_the_bound(platform: Scripted) -> None:
    gate = threading.Barrier(3, timeout=10)

    def answer(path: str, body: Any, number: int) -> Any:
        number = int(body["case"]["input"])
        if number < 3:
            gate.wait()  # three do go on at the same time
        return {"results": [verdict(m, "passed", number / 100) for m in body["metrics"]]}

    with scripted(answer) as server:
        client = assay.Client(base_url=server.url, public_key="pk", secret_key="sk")
        cases = [assay.Case(input=str(i)) for i in range(30)]
        found = assay.evaluate(iter(cases), ["a"], concurrency=3, client=client)
    assert [r.metrics[0].score for r in found] == [i / 100 for i in range(30)]
    assert [r.index for r in found] == list(range(30))
    assert server.most_at_once == 3


def test_an_evaluation_fails_nothing_and_counts(platform: Scripted) -> None:
    cases = [case("good good"), {"input": "x", "actual_output": "bad error"}, case("good skipped")]
    found = assay.evaluate(cases, ["a", "b"])
    assert [r.passed for r in found] == [True, False, True] and not found.passed and len(found) == 3
    a, b = found.metrics
    assert (a.passed, a.failed, a.errors, a.skipped, a.mean) == (2, 1, 0, 0, 0.75)
    assert (b.passed, b.failed, b.errors, b.skipped, b.mean) == (1, 0, 1, 1, 1.0)
    assert found.to_dict()["cases"][1]["metrics"][1]["status"] == "error"
    assert assay.evaluate([], ["a"]).passed


def test_conversations_and_tools_are_sent_whole(platform: Scripted) -> None:
    call = assay.ToolCall("search", {"q": "refund"}, output=["5 days"])
    turn = assay.Message("assistant", "5 days", tool_calls=[call], retrieval_context=("rule",))
    turn.audio, turn.provider_transcript = {"url": "data:audio/wav;base64,UklGRg==", "start_time": 1.5}, "hi"
    asked = case(
        "good",
        end_reason="USER_HANGUP",
        messages=[{"role": "user", "content": "hi"}, turn],
        tools_called=[call],
        expected_tools=[{"name": "search"}],
        usage={"input": 1, "output": 2},
        extra={"attachments": [1]},
    )
    assay.assert_test(asked, "tool_correctness")
    sent = platform.bodies[0]["case"]
    told = {"name": "search", "input_parameters": {"q": "refund"}, "output": ["5 days"]}
    assert sent["messages"][1]["tool_calls"] == [told] and sent["tools_called"] == [told]
    assert sent["messages"][1]["retrieval_context"] == ["rule"]
    assert sent["messages"][1]["audio"]["start_time"] == 1.5 and sent["messages"][1]["provider_transcript"] == "hi"
    assert "intended_content" not in sent["messages"][1] and sent["end_reason"] == "USER_HANGUP"
    assert sent["expected_tools"] == [{"name": "search"}] and sent["attachments"] == [1]
    assert "name" not in sent and "extra" not in sent


@pytest.mark.parametrize(
    "call,error,words",
    [
        (lambda: assay.assert_test({"actual_outptu": "x"}, "a"), ValueError, "Did you mean 'actual_output'"),
        (lambda: assay.assert_test(case("x"), {"kind": "a", "treshold": 1}), ValueError, "'threshold'"),
        (lambda: assay.assert_test(case("x"), {"name": "a"}), ValueError, "needs a `kind`"),
        (lambda: assay.assert_test(case("x"), []), ValueError, "at least one metric"),
        (lambda: assay.assert_test(case("x"), ["a", "a"]), ValueError, "two metrics are called 'a'"),
        (lambda: assay.assert_test(case("x"), [3]), TypeError, "not int"),  # type: ignore[list-item]
        (lambda: assay.assert_test([case("x")], "a"), TypeError, "several go to"),  # type: ignore[arg-type]
        (lambda: assay.assert_test(case("x")), TypeError, "metrics are missing"),
        (lambda: assay.evaluate([case("x")], "a", require="most"), ValueError, "not one of all, any"),
        (lambda: assay.evaluate([case("x")], "a", repeat=0), ValueError, "at least 1"),
        (lambda: assay.assert_test(case("x", trace={"at": object()}), "a"), TypeError, "as JSON"),
        (lambda: assay.assert_test(case("x", latency_ms=float("nan")), "a"), TypeError, "as JSON"),
    ],
)
def test_what_cannot_be_asked_is_said(platform: Scripted, call: Any, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        call()
    assert platform.paths == []


def test_long_texts_are_cut_in_messages(platform: Scripted) -> None:
    with pytest.raises(assay.MetricsFailed) as raised:
        assay.assert_test(assay.Case(input="long " * 9000, actual_output="bad"), "a")
    assert len(str(raised.value)) < 1000 and "…" in str(raised.value)


def test_a_score_just_below_the_threshold_is_not_shown_as_equal() -> None:
    def answer(path: str, body: Any, number: int) -> Any:
        return {"results": [verdict(body["metrics"][0], "failed", 0.49999)]}

    with scripted(answer) as server, pytest.raises(assay.MetricsFailed, match=r"score 0\.49999 < threshold 0\.50000:"):
        client = assay.Client(base_url=server.url, public_key="pk", secret_key="sk")
        assay.assert_test(case("x"), "a", client=client)
