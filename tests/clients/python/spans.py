"""A trace of every kind of observation comes back as it was sent: nesting, usage, cost, prompt, user, session, errors."""

import datetime

from langfuse import propagate_attributes

from common import as_sent, client, close, equal, platform, unique, whole_trace

KINDS = ["span", "chain", "retriever", "tool", "guardrail", "evaluator", "embedding"]
MESSAGES = [{"role": "user", "content": "Où est ma commande? 你好"}]

langfuse = client(environment="staging", release="release-42")
prompt_name = unique("clients/answer style")
langfuse.create_prompt(name=prompt_name, prompt="Answer {{question}}", labels=["production"])
prompt = langfuse.get_prompt(prompt_name)
user, session = unique("user"), unique("session")
first_token = datetime.datetime.now(datetime.timezone.utc)

with langfuse.start_as_current_observation(
    name="handle request", as_type="agent", input={"question": "Where is my order?", "tries": 2}
) as root:
    trace_id = root.trace_id
    with propagate_attributes(
        user_id=user,
        session_id=session,
        tags=["support", "gold"],
        metadata={"plan": "gold", "ticket": "007"},
        version="1.2",
        trace_name="support request",
    ):
        for kind in KINDS:
            with root.start_as_current_observation(name=kind, as_type=kind, input=f"in of {kind}") as step:
                step.update(output=[kind, 1])

        with langfuse.start_as_current_observation(
            name="answer",
            as_type="generation",
            model="gpt-4o-mini",
            model_parameters={"temperature": 0.2, "max_tokens": 64},
            input=MESSAGES,
            prompt=prompt,
            completion_start_time=first_token,
            metadata={"attempt": 2, "note": "first \"try\"", "limits": {"tokens": [64, 128]}, "ratio": 0.5},
        ) as generation:
            generation.update(
                output={"role": "assistant", "content": "On its way."},
                usage_details={"input": 20, "input_cached_tokens": 100, "output": 45, "total": 165},
                cost_details={"input": 0.001, "output": 0.002, "total": 0.003},
            )
            langfuse.create_event(name="cache hit", level="DEBUG", input={"key": "order 17"})

        try:
            with langfuse.start_as_current_observation(name="look up", as_type="tool"):
                raise ValueError("there is no such order")
        except ValueError:
            pass
    root.update(output="done", level="WARNING", status_message="answered from memory")

# A part of the same trace that another process does later: its parent is known by its id alone.
with langfuse.start_as_current_observation(
    trace_context={"trace_id": trace_id, "parent_span_id": root.id}, name="follow up"
):
    pass
langfuse.flush()

found = whole_trace(langfuse, trace_id, len(KINDS) + 5)
equal({o["traceId"] for o in found.values()}, {trace_id}, "trace ids")

agent = found["handle request"]
equal(agent["id"], root.id, "the root's id")
equal(agent["type"], "AGENT", "the root's type")
equal(agent.get("parentObservationId"), None, "the root's parent")
equal(agent["isRootObservation"], True, "the root is one")
equal(agent["input"], '{"question": "Where is my order?", "tries": 2}', "an object stays the text that was sent")
equal(agent["output"], "done", "text stays text")
equal((agent["level"], agent["statusMessage"]), ("WARNING", "answered from memory"), "level and message of the root")

for kind in KINDS:
    step = found[kind]
    equal(step["type"], kind.upper(), f"type of {kind}")
    equal(step["parentObservationId"], root.id, f"parent of {kind}")
    equal((step["input"], step["output"]), (f"in of {kind}", f'["{kind}", 1]'), f"input and output of {kind}")
    equal(step["level"], "DEFAULT", f"level of {kind}")
    equal(step["isRootObservation"], False, f"{kind} is no root")

answer = found["answer"]
equal((answer["type"], answer["id"]), ("GENERATION", generation.id), "the generation")
equal(answer["model"], "gpt-4o-mini", "model")
equal(answer["modelParameters"], {"temperature": 0.2, "max_tokens": 64}, "model parameters")
equal(
    answer["usageDetails"],
    {"input": 20, "input_cached_tokens": 100, "output": 45, "total": 165},
    "usage",
)
for part, cost in {"input": 0.001, "output": 0.002, "total": 0.003}.items():
    close(answer["costDetails"][part], cost, f"cost of {part}")
close(answer["totalCost"], 0.003, "total cost")
equal((answer["promptName"], answer["promptVersion"]), (prompt_name, 1), "the prompt")
equal(
    datetime.datetime.fromisoformat(answer["completionStartTime"].replace("Z", "+00:00")).replace(microsecond=0),
    first_token.replace(microsecond=0),
    "the time of the first token",
)
metadata = answer["metadata"]
equal(as_sent(metadata["attempt"]), 2, "a number in metadata")
equal(metadata["note"], 'first "try"', "text in metadata")
equal(as_sent(metadata["limits"]), {"tokens": [64, 128]}, "an object in metadata")
equal(as_sent(metadata["ratio"]), 0.5, "a fraction in metadata")

event = found["cache hit"]
equal((event["type"], event["level"]), ("EVENT", "DEBUG"), "the event")
equal(event["parentObservationId"], generation.id, "the event's parent")
equal(event["startTime"], event["endTime"], "an event takes no time")

failed = found["look up"]
equal((failed["type"], failed["level"]), ("TOOL", "ERROR"), "the step that failed")
equal("there is no such order" in failed["statusMessage"], True, "why it failed")

late = found["follow up"]
equal(late["parentObservationId"], root.id, "the parent by its id")

for name in ["handle request", "answer", "cache hit", "look up", *KINDS]:
    seen = found[name]
    equal((seen["userId"], seen["sessionId"]), (user, session), f"user and session of {name}")
    equal(sorted(seen["tags"]), ["gold", "support"], f"tags of {name}")
    equal((seen["version"], seen["release"]), ("1.2", "release-42"), f"version and release of {name}")
    equal(seen["environment"], "staging", f"environment of {name}")
    equal(seen["traceName"], "support request", f"the name of {name}'s trace")

trace = platform(f"/api/v1/traces/{trace_id}")
equal((trace["name"], trace["user_id"], trace["session_id"]), ("support request", user, session), "the trace")
equal(trace["metadata"], {"plan": "gold", "ticket": "007"}, "the trace's metadata")
