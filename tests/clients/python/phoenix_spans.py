"""Phoenix's registration with OpenInference's conventions: the address and a key are all that an application changes."""

import json
import os
import time
import urllib.error
import urllib.request

from openinference.semconv.trace import OpenInferenceSpanKindValues as Kind
from openinference.semconv.trace import SpanAttributes as Name
from phoenix.otel import register

URL, SECRET = os.environ["LANGFUSE_HOST"], os.environ["LANGFUSE_SECRET_KEY"]


def equal(found, expected, what):
    """Ends the program when the two differ."""
    if found != expected:
        raise SystemExit(f"{what}: expected {expected!r}, found {found!r}")


provider = register(
    endpoint=f"{URL}/v1/traces",
    protocol="http/protobuf",
    api_key=SECRET,
    project_name="shop",
    batch=False,
    set_global_tracer_provider=False,
    verbose=False,
)
tracer = provider.get_tracer("shop.agent")
with tracer.start_as_current_span("answer") as root:
    root.set_attributes(
        {
            Name.OPENINFERENCE_SPAN_KIND: Kind.CHAIN.value,
            Name.INPUT_VALUE: "Where is my order?",
            Name.OUTPUT_VALUE: "On its way.",
            Name.SESSION_ID: "talk-2",
            Name.USER_ID: "ada",
            Name.TAG_TAGS: ["support", "gold"],
        }
    )
    with tracer.start_as_current_span("model") as model:
        model.set_attributes(
            {
                Name.OPENINFERENCE_SPAN_KIND: Kind.LLM.value,
                Name.LLM_MODEL_NAME: "gpt-4o-mini",
                Name.LLM_INVOCATION_PARAMETERS: json.dumps({"temperature": 0.2}),
                Name.LLM_TOKEN_COUNT_PROMPT: 30,
                Name.LLM_TOKEN_COUNT_COMPLETION: 12,
                Name.LLM_TOKEN_COUNT_TOTAL: 42,
                f"{Name.LLM_INPUT_MESSAGES}.0.message.role": "user",
                f"{Name.LLM_INPUT_MESSAGES}.0.message.content": "Where is my order?",
                f"{Name.LLM_OUTPUT_MESSAGES}.0.message.role": "assistant",
                f"{Name.LLM_OUTPUT_MESSAGES}.0.message.content": "On its way.",
            }
        )
    with tracer.start_as_current_span("search") as search:
        search.set_attributes({Name.OPENINFERENCE_SPAN_KIND: Kind.RETRIEVER.value, Name.INPUT_VALUE: "order 17"})
provider.force_flush()

address = f"{URL}/api/v1/traces/{root.get_span_context().trace_id:032x}"
end = time.monotonic() + 30
while True:
    try:
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {SECRET}"})
        trace = json.load(urllib.request.urlopen(request, timeout=30))
        if len(trace["observations"]) == 3:
            break
    except urllib.error.HTTPError as error:
        trace = f"{error.code} {error.read()[:500]}"
    if time.monotonic() > end:
        raise SystemExit(f"the trace: not 3 observations within 30 s, last {trace}")
    time.sleep(0.2)

parts = {o["name"]: o for o in trace["observations"]}
equal({n: o["type"] for n, o in parts.items()}, {"answer": "CHAIN", "model": "GENERATION", "search": "RETRIEVER"}, "types")
equal((trace["user_id"], trace["session_id"], sorted(trace["tags"])), ("ada", "talk-2", ["gold", "support"]), "the trace")
equal((trace["input"], trace["output"]), ("Where is my order?", "On its way."), "input and output of the root")
equal(parts["model"]["parent_id"], parts["answer"]["id"], "the model's parent")
equal(parts["model"]["model"], "gpt-4o-mini", "model")
equal(parts["model"]["usage_details"], {"input": 30, "output": 12, "total": 42}, "usage")
equal(parts["model"]["model_parameters"], {"temperature": 0.2}, "model parameters")
equal(parts["search"]["input"], "order 17", "what was searched for")
