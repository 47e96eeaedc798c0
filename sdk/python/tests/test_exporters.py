"""Each exporter: where it sends, who it says it is, which attributes it writes."""

from __future__ import annotations

import base64
import json
from typing import Any, Callable

import pytest
from conftest import Server

import assay

BASIC = "Basic " + base64.b64encode(b"pk:sk").decode()


def work() -> None:
    with assay.span("turn", type="agent") as turn:
        assay.update_trace(
            name="support", user_id="u1", session_id="s1", tags=["a", "b"], metadata={"plan": "gold"}, public=True
        )
        turn.update(input={"q": "hi"}, metadata={"n": 1})
        with assay.span("llm", type="generation") as llm:
            llm.update(
                input=[{"role": "user", "content": "hi"}],
                output="hello",
                model="gpt-x",
                model_parameters={"temperature": 0.5, "stop": ["a"]},
                usage={"input": 3, "output": 4, "total": 7},
                cost=0.25,
                level="WARNING",
                status_message="slow",
                metadata={"k": {"deep": [1]}},
            )
        with assay.span("search", type="tool", input={"q": 1}, output="found"):
            pass
        turn.update(output="hello")
    assert assay.flush()


@pytest.mark.parametrize(
    "exporter,path", [("assay", "/v1/traces"), ("langfuse", "/api/public/otel/v1/traces")]
)
def test_langfuse_attributes(sent: Callable[..., Server], exporter: str, path: str) -> None:
    server = sent(exporter, environment="staging", release="r1", service_name="bot")
    work()
    assert server.headers(path)["authorization"] == BASIC
    assert server.headers(path)["content-type"] == "application/x-protobuf"
    turn, llm, search = server.span("turn"), server.span("llm"), server.span("search")
    assert llm.trace_id == turn.trace_id and llm.parent_id == turn.span_id and turn.parent_id == ""
    observed = {k[len("langfuse.observation.") :]: v for k, v in llm.attributes.items() if "observation" in k}
    assert json.loads(observed.pop("usage_details")) == {"input": 3, "output": 4, "total": 7}
    assert json.loads(observed.pop("cost_details")) == {"total": 0.25}
    assert json.loads(observed.pop("model.parameters")) == {"temperature": 0.5, "stop": ["a"]}
    assert json.loads(observed.pop("metadata")) == {"k": {"deep": [1]}}
    assert json.loads(observed.pop("input")) == [{"role": "user", "content": "hi"}]
    assert observed == {
        "type": "generation",
        "output": "hello",
        "model.name": "gpt-x",
        "level": "WARNING",
        "status_message": "slow",
    }
    root = turn.attributes
    assert root["langfuse.observation.type"] == "agent"
    assert root["langfuse.trace.name"] == "support"
    assert root["langfuse.trace.tags"] == ["a", "b"]
    assert root["langfuse.trace.public"] is True
    assert json.loads(root["langfuse.trace.metadata"]) == {"plan": "gold"}
    assert json.loads(root["langfuse.observation.metadata"]) == {"n": 1}
    for span in (turn, llm, search):
        assert (span.attributes["user.id"], span.attributes["session.id"]) == ("u1", "s1")
        assert span.resource["langfuse.environment"] == "staging"
        assert span.resource["langfuse.release"] == "r1"
        assert span.resource["service.name"] == "bot"
    assert search.attributes["langfuse.observation.input"] == '{"q": 1}'


def test_phoenix_attributes(sent: Callable[..., Server]) -> None:
    server = sent("phoenix", api_key="key", project="bots")
    work()
    assert server.headers("/v1/traces")["authorization"] == "Bearer key"
    # A trace of Phoenix is called what its root is called.
    turn, llm, search = server.span("support"), server.span("llm"), server.span("search")
    assert turn.resource["openinference.project.name"] == "bots"
    assert turn.attributes["openinference.span.kind"] == "AGENT"
    assert json.loads(turn.attributes["metadata"]) == {"plan": "gold", "n": 1}
    assert turn.attributes["tag.tags"] == ["a", "b"]
    assert turn.attributes["input.value"] == '{"q": "hi"}'
    assert turn.attributes["input.mime_type"] == "application/json"
    a = llm.attributes
    assert a["openinference.span.kind"] == "LLM"
    assert (a["output.value"], a["output.mime_type"]) == ("hello", "text/plain")
    assert a["llm.model_name"] == "gpt-x"
    assert json.loads(a["llm.invocation_parameters"])["temperature"] == 0.5
    assert [a[f"llm.token_count.{n}"] for n in ("prompt", "completion", "total")] == [3, 4, 7]
    assert a["llm.cost.total"] == 0.25
    assert (a["user.id"], a["session.id"]) == ("u1", "s1")
    assert not any(key.startswith("langfuse") for key in a)
    assert search.attributes["tool.name"] == "search"


def test_genai_attributes(sent: Callable[..., Server]) -> None:
    server = sent("otlp")
    work()
    turn, llm, search = server.span("support"), server.span("llm"), server.span("search")
    a = llm.attributes
    assert a["gen_ai.operation.name"] == "chat"
    assert a["gen_ai.request.model"] == "gpt-x"
    assert a["gen_ai.request.temperature"] == 0.5
    assert json.loads(a["gen_ai.request.stop"]) == ["a"]
    assert (a["gen_ai.usage.input_tokens"], a["gen_ai.usage.output_tokens"]) == (3, 4)
    assert a["gen_ai.usage.cost"] == 0.25
    assert json.loads(a["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": "hi"}]}
    ]
    assert json.loads(a["gen_ai.output.messages"]) == [
        {"role": "assistant", "parts": [{"type": "text", "content": "hello"}]}
    ]
    assert a["gen_ai.conversation.id"] == "s1"
    assert turn.attributes["gen_ai.operation.name"] == "invoke_agent"
    assert turn.attributes["gen_ai.agent.name"] == "turn"
    assert search.attributes["gen_ai.tool.name"] == "search"
    assert search.attributes["gen_ai.tool.call.arguments"] == '{"q": 1}'
    assert search.attributes["gen_ai.tool.call.result"] == "found"


@pytest.mark.parametrize(
    "environment,path,headers",
    [
        (
            {"ASSAY_BASE_URL": "{}/", "ASSAY_PUBLIC_KEY": "pk", "ASSAY_SECRET_KEY": "sk"},
            "/v1/traces",
            {"authorization": BASIC},
        ),
        (
            {
                "ASSAY_EXPORTER": "langfuse",
                "LANGFUSE_HOST": "{}",
                "LANGFUSE_PUBLIC_KEY": "pk",
                "LANGFUSE_SECRET_KEY": "sk",
            },
            "/api/public/otel/v1/traces",
            {"authorization": BASIC},
        ),
        (
            {
                "ASSAY_EXPORTER": "phoenix",
                "PHOENIX_COLLECTOR_ENDPOINT": "{}/v1/traces",
                "PHOENIX_API_KEY": "key",
            },
            "/v1/traces",
            {"authorization": "Bearer key"},
        ),
        (
            {
                "ASSAY_EXPORTER": "otlp",
                "OTEL_EXPORTER_OTLP_ENDPOINT": "{}/collector",
                "OTEL_EXPORTER_OTLP_HEADERS": "x-team=bots",
            },
            "/collector/v1/traces",
            {"x-team": "bots"},
        ),
    ],
)
def test_set_up_by_environment(
    server: Server, monkeypatch: pytest.MonkeyPatch, environment: Any, path: str, headers: Any
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value.format(server.url))
    with assay.span("one"):
        pass
    assert assay.flush()
    assert server.span("one").name == "one"
    assert headers.items() <= server.headers(path).items()


@pytest.mark.parametrize("exporter", ["assay", "langfuse"])
def test_scores_over_http(sent: Callable[..., Server], exporter: str) -> None:
    server = sent(exporter, environment="staging")
    server.statuses = [503]
    with assay.span("turn") as turn:
        assay.score("good", True, comment="yes")
        turn.score("length", 3)
        ids = (assay.current_trace_id(), assay.current_span_id())
    assay.score("tone", "friendly", trace_id="ab" * 16, observation_id="cd" * 8, data_type="text")
    assert assay.flush()
    bodies = {body["name"]: body for body in server.posts("/api/public/scores")}
    assert server.headers("/api/public/scores")["authorization"] == BASIC
    good, length, tone = bodies["good"], bodies["length"], bodies["tone"]
    assert (good["value"], good["dataType"], good["comment"]) == (1.0, "BOOLEAN", "yes")
    assert good["traceId"] == ids[0] and "observationId" not in good
    assert (length["value"], length["dataType"], length["observationId"]) == (3.0, "NUMERIC", ids[1])
    assert (tone["value"], tone["dataType"]) == ("friendly", "TEXT")
    assert (tone["traceId"], tone["observationId"]) == ("ab" * 16, "cd" * 8)
    assert good["environment"] == "staging" and good["timestamp"].endswith("Z")
    # A repeated request has the same id.
    repeated = [body["id"] for body in server.posts("/api/public/scores")]
    assert len(set(repeated)) == 3
    assert len(repeated) + len([p for p, _, _ in server.requests if p.endswith("traces")]) >= 4


def test_scores_of_phoenix(sent: Callable[..., Server]) -> None:
    server = sent("phoenix")
    with assay.span("turn") as turn:
        with assay.span("inner") as inner:
            assay.score("good", 1, comment="why")
            inner.score("tone", "friendly")
    assert assay.flush()
    rows = [row for body in server.posts("/v1/span_annotations") for row in body["data"]]
    good, tone = sorted(rows, key=lambda row: row["name"])
    assert good["span_id"] == turn.span_id and good["annotator_kind"] == "CODE"
    assert good["result"] == {"score": 1.0, "explanation": "why"}
    assert tone["span_id"] == inner.span_id and tone["result"] == {"label": "friendly"}


def test_scores_as_events(sent: Callable[..., Server]) -> None:
    server = sent("otlp")
    with assay.span("turn"):
        assay.score("good", 0.5, comment="why")
    assay.score("later", "bad", trace_id="ab" * 16, observation_id="cd" * 8)
    assert assay.flush()
    assert server.span("turn").events == [
        (
            "gen_ai.evaluation.result",
            {
                "gen_ai.evaluation.name": "good",
                "gen_ai.evaluation.score.value": 0.5,
                "gen_ai.evaluation.explanation": "why",
            },
        )
    ]
    later = server.span("evaluation")
    assert (later.trace_id, later.parent_id) == ("ab" * 16, "cd" * 8)
    assert later.events[0][1]["gen_ai.evaluation.score.label"] == "bad"


def test_a_refused_score_is_not_repeated(
    sent: Callable[..., Server], caplog: pytest.LogCaptureFixture
) -> None:
    server = sent()
    server.statuses = [400]
    assay.score("a", 1, trace_id="ab" * 16)
    assay.score("b", 1, trace_id="ab" * 16)
    assert assay.flush()
    assert len(server.posts("/api/public/scores")) == 2
    assert [r.levelname for r in caplog.records if "HTTP 400" in r.message] == ["WARNING"]
