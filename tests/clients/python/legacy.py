"""The second major version of the SDK, which sends everything to the ingestion API and has ids that are not hexadecimal.

It does not encode slashes when it asks for a prompt or a dataset, and encodes the blanks of a dataset's name twice, so the
names here have neither.
"""

from common import client, close, equal, eventually, unique

langfuse = client(release="release-42")
user, session, mark = unique("user"), unique("session"), unique("mark")
equal(langfuse.auth_check(), True, "auth_check")

prompt_name = unique("prompt").replace(" ", "-")
langfuse.create_prompt(name=prompt_name, prompt="Answer {{question}}", labels=["production"])
prompt = langfuse.get_prompt(prompt_name)
equal(prompt.compile(question="why"), "Answer why", "the filled prompt")

trace = langfuse.trace(
    name="request", user_id=user, session_id=session, tags=[mark], metadata={"plan": "gold"}, version="1.2", input={"q": 1}
)
span = trace.span(name="plan", input="x", metadata={"n": 1})
generation = span.generation(
    name="answer",
    model="gpt-4o-mini",
    model_parameters={"temperature": 0.2},
    input=[{"role": "user", "content": "Hi"}],
    prompt=prompt,
)
generation.end(
    output="Hello",
    usage_details={"input": 30, "output": 12, "total": 42},
    cost_details={"input": 0.25, "output": 0.5, "total": 0.75},
)
# The names of the usage before there were details.
span.generation(name="older", model="gpt-4o-mini", usage={"input": 3, "output": 2, "total": 5, "unit": "TOKENS"}).end()
span.event(name="cache hit", level="DEBUG")
span.end(output="y", level="ERROR", status_message="no plan")
generation.score(name="tone", value="friendly", data_type="CATEGORICAL")
trace.score(name="good", value=0.5, comment="so so")
# What comes later is added to what is there.
trace.update(output={"a": 2}, metadata={"plan": "gold", "seen": "yes"})
langfuse.flush()


def read():
    found = langfuse.fetch_trace(trace.id).data
    return found if len(found.observations) == 4 and len(found.scores) == 2 and found.output else None


found = eventually("the trace", read)
equal((found.id, found.name), (trace.id, "request"), "the trace")
equal((found.user_id, found.session_id, found.tags), (user, session, [mark]), "user, session and tags")
equal((found.input, found.output), ({"q": 1}, {"a": 2}), "input and output")
equal(found.metadata, {"plan": "gold", "seen": "yes"}, "metadata")
equal((found.version, found.release), ("1.2", "release-42"), "version and release")
# What `older` cost nobody said: three and two tokens by the public price list.
close(found.total_cost, 0.75 + (3 * 0.15 + 2 * 0.6) / 1e6, "cost of the trace")

parts = {o.name: o for o in found.observations}
plan, answer, older, event = (parts[name] for name in ("plan", "answer", "older", "cache hit"))
equal((plan.id, plan.parent_observation_id, plan.type), (span.id, None, "SPAN"), "the span")
equal((plan.input, plan.output, plan.metadata), ("x", "y", {"n": 1}), "what the span has")
equal((plan.level.value, plan.status_message), ("ERROR", "no plan"), "level and message of the span")
equal(plan.end_time is not None, True, "the span has ended")
equal((answer.id, answer.parent_observation_id, answer.type), (generation.id, span.id, "GENERATION"), "the generation")
equal((answer.model, answer.output), ("gpt-4o-mini", "Hello"), "model and output")
equal(answer.input, [{"role": "user", "content": "Hi"}], "input of the generation")
equal(answer.usage_details, {"input": 30, "output": 12, "total": 42}, "usage")
close(answer.calculated_total_cost, 0.75, "cost")
equal((answer.prompt_name, answer.prompt_version), (prompt_name, 1), "the prompt")
equal((older.usage.input, older.usage.output, older.usage.total), (3, 2, 5), "usage of the older kind")
equal((event.type, event.level.value, event.parent_observation_id), ("EVENT", "DEBUG", span.id), "the event")

scores = {s.name: s for s in found.scores}
equal((scores["good"].value, scores["good"].comment), (0.5, "so so"), "a number as score")
equal((scores["tone"].string_value, scores["tone"].observation_id), ("friendly", generation.id), "a word as score")

equal([t.id for t in langfuse.fetch_traces(user_id=user).data], [trace.id], "traces of the user")
equal([t.id for t in langfuse.fetch_traces(tags=[mark]).data], [trace.id], "traces with the tag")
equal({o.name for o in langfuse.fetch_observations(trace_id=trace.id, type="GENERATION").data}, {"answer", "older"}, "both")
equal(langfuse.fetch_observation(generation.id).data.name, "answer", "one observation")

dataset_name, run_name = unique("dataset").replace(" ", "-"), unique("run").replace(" ", "-")
langfuse.create_dataset(name=dataset_name)
langfuse.create_dataset_item(dataset_name=dataset_name, input={"q": 1}, expected_output="1")
item = langfuse.get_dataset(dataset_name).items[0]
item.link(trace, run_name, run_metadata={"model": "m"}, run_description="by hand")
run = langfuse.get_dataset_run(dataset_name, run_name)
equal((run.name, run.description, run.metadata), (run_name, "by hand", {"model": "m"}), "the run")
equal([(i.dataset_item_id, i.trace_id) for i in run.dataset_run_items], [(item.id, trace.id)], "the run's items")
