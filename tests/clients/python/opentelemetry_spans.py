"""Plain OpenTelemetry, no SDK of ours or of Langfuse: spans by the GenAI conventions over OTLP, with and without gzip."""

import base64
import json
import os
import time
import urllib.error
import urllib.request

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

URL = os.environ["LANGFUSE_HOST"]
KEYS = f"{os.environ['LANGFUSE_PUBLIC_KEY']}:{os.environ['LANGFUSE_SECRET_KEY']}"
HEADERS = {"Authorization": f"Basic {base64.b64encode(KEYS.encode()).decode()}"}


def equal(found, expected, what):
    """Ends the program when the two differ."""
    if found != expected:
        raise SystemExit(f"{what}: expected {expected!r}, found {found!r}")


def parsed(value):
    """What an attribute that holds JSON text says, whether it is shown as text or as what it says."""
    return json.loads(value) if isinstance(value, str) else value


def trace(trace_id, count):
    """The trace as the platform's own API tells it, once all of its spans have arrived."""
    end = time.monotonic() + 30
    while True:
        try:
            request = urllib.request.Request(f"{URL}/api/v1/traces/{trace_id}", headers=HEADERS)
            found = json.load(urllib.request.urlopen(request, timeout=30))
            if len(found["observations"]) == count:
                return found
        except urllib.error.HTTPError as error:
            found = f"{error.code} {error.read()[:500]}"
        if time.monotonic() > end:
            raise SystemExit(f"trace {trace_id}: not {count} observations within 30 s, last {found}")
        time.sleep(0.2)


def send(compression, path):
    """An agent that asks a model and calls a tool, sent to one of the two paths; and what is stored of it."""
    what = f"{path} with {compression.value}"
    resource = Resource.create({"service.name": "shop", "service.version": "2.1", "deployment.environment.name": "staging"})
    provider = TracerProvider(resource=resource)
    exporter = OTLPSpanExporter(endpoint=f"{URL}{path}", headers=HEADERS, compression=compression)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("shop.agent", "0.3")

    with tracer.start_as_current_span("invoke_agent shop") as agent:
        agent.set_attributes({"gen_ai.operation.name": "invoke_agent", "gen_ai.conversation.id": "talk-1", "user.id": "ada"})
        with tracer.start_as_current_span("chat gpt-4o-mini", kind=SpanKind.CLIENT) as chat:
            chat.set_attributes(
                {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.request.model": "gpt-4o-mini",
                    "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
                    "gen_ai.request.temperature": 0.2,
                    "gen_ai.request.max_tokens": 64,
                    "gen_ai.usage.input_tokens": 120,
                    "gen_ai.usage.cache_read.input_tokens": 100,
                    "gen_ai.usage.output_tokens": 45,
                    "gen_ai.usage.reasoning.output_tokens": 7,
                    "gen_ai.usage.cost": 0.003,
                    "gen_ai.input.messages": json.dumps(
                        [{"role": "user", "parts": [{"type": "text", "content": "Où est ma commande? 你好"}]}]
                    ),
                    "gen_ai.output.messages": json.dumps(
                        [{"role": "assistant", "parts": [{"type": "text", "content": "Là."}], "finish_reason": "stop"}]
                    ),
                }
            )
        with tracer.start_as_current_span("execute_tool find_order") as tool:
            tool.set_attributes(
                {
                    "gen_ai.operation.name": "execute_tool",
                    "gen_ai.tool.name": "find_order",
                    "gen_ai.tool.call.arguments": json.dumps({"id": 17}),
                    "error.type": "timeout",
                }
            )
            tool.set_status(Status(StatusCode.ERROR, "the shop did not answer"))
    equal(provider.force_flush(), True, f"{what}: flush")
    provider.shutdown()

    found = trace(f"{agent.get_span_context().trace_id:032x}", 3)
    equal((found["user_id"], found["session_id"]), ("ada", "talk-1"), f"{what}: user and session")
    equal(found["environment"], "staging", f"{what}: environment")
    equal(abs(found["total_cost_usd"] - 0.003) < 1e-9, True, f"{what}: cost of the trace")
    parts = {o["type"]: o for o in found["observations"]}
    equal(sorted(parts), ["AGENT", "GENERATION", "TOOL"], f"{what}: types")

    root, model, call = parts["AGENT"], parts["GENERATION"], parts["TOOL"]
    equal(root["id"], f"{agent.get_span_context().span_id:016x}", f"{what}: id of the root")
    equal((root["parent_id"], model["parent_id"], call["parent_id"]), (None, root["id"], root["id"]), f"{what}: nesting")
    equal((root["name"], model["name"]), ("invoke_agent shop", "chat gpt-4o-mini"), f"{what}: names")
    equal(model["model"], "gpt-4o-mini-2024-07-18", f"{what}: model")
    equal(
        model["usage_details"],
        {
            "input": 20,
            "input_cached_tokens": 100,
            "output": 38,
            "output_reasoning_tokens": 7,
            "total": 165,
        },
        f"{what}: usage, no token counted twice",
    )
    equal(abs(model["cost_usd"] - 0.003) < 1e-9, True, f"{what}: cost")
    equal(model["model_parameters"]["temperature"], 0.2, f"{what}: temperature")
    equal(model["model_parameters"]["max_tokens"], 64, f"{what}: most tokens")
    equal(parsed(model["input"])[0]["parts"][0]["content"], "Où est ma commande? 你好", f"{what}: input")
    equal(parsed(model["output"])[0]["finish_reason"], "stop", f"{what}: output")
    equal((call["name"], parsed(call["input"])), ("find_order", {"id": 17}), f"{what}: the tool")
    equal((call["level"], call["status_message"]), ("ERROR", "the shop did not answer"), f"{what}: what failed")


for kind in (Compression.NoCompression, Compression.Gzip):
    for place in ("/v1/traces", "/api/public/otel/v1/traces"):
        send(kind, place)

refused = OTLPSpanExporter(endpoint=f"{URL}/v1/traces", headers={"Authorization": "Basic bm86bm8="})
equal(refused.export([]).name, "FAILURE", "wrong keys are refused")
