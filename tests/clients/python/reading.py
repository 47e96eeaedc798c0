"""Traces, observations and sessions as SDK 3 and 4 read them: whole traces, pages, filters and order."""

import json

from langfuse import propagate_attributes

from common import MAJOR, an_hour_ago, client, close, equal, eventually, refused, unique

if MAJOR >= 4:
    from langfuse.api import NotFoundError
else:
    from langfuse.api.resources.commons.errors import NotFoundError

langfuse = client(environment="staging", release="release-42")
observations_v1 = langfuse.api.legacy.observations_v1 if MAJOR >= 4 else langfuse.api.observations
user, session, mark = unique("user"), unique("session"), unique("mark")

made = []
for n in range(3):
    with langfuse.start_as_current_observation(name=f"request {n}", input={"n": n}) as root:
        with propagate_attributes(
            user_id=user,
            session_id=session if n < 2 else f"{session} b",
            tags=[mark, f"row {n}"],
            metadata={"row": f"r{n}"},
            version=f"v{n}",
        ):
            with langfuse.start_as_current_observation(
                name="model",
                as_type="generation",
                model="gpt-4o-mini",
                input=[{"role": "user", "content": str(n)}],
                usage_details={"input": 10, "input_cached_tokens": 5, "output": n, "total": 15 + n},
                cost_details={"total": 0.25},
            ) as model:
                model.update(output="{\"n\": %d}" % n)
            with langfuse.start_as_current_observation(name="embed", as_type="embedding", cost_details={"total": 0.5}):
                pass
        root.update(output=["done", n])
        root.score_trace(name="good", value=n / 2)
        made.append((root.trace_id, root.id, model.id))
langfuse.flush()
trace_id, root_id, model_id = made[0]


def complete(read, count=3):
    """The trace, once its observations and its score have arrived."""
    trace = read()
    return trace if len(trace.observations) == count and len(trace.scores) == 1 else None


trace = eventually("the trace", lambda: complete(lambda: langfuse.api.trace.get(trace_id)))
equal((trace.id, trace.name), (trace_id, "request 0"), "a trace is called as its root")
equal((trace.input, trace.output), ({"n": 0}, ["done", 0]), "input and output of the root")
equal((trace.user_id, trace.session_id), (user, session), "user and session")
equal(sorted(trace.tags), sorted([mark, "row 0"]), "tags")
equal(trace.metadata, {"row": "r0"}, "metadata")
equal((trace.release, trace.version, trace.environment), ("release-42", "v0", "staging"), "release, version, environment")
equal(trace.public, False, "public")
equal(trace_id in trace.html_path, True, "the path of the page")
close(trace.total_cost, 0.75, "cost of the trace")
equal(trace.latency is not None and 0 <= trace.latency < 60, True, "latency in seconds")
equal((trace.scores[0].name, trace.scores[0].value), ("good", 0), "score of the trace")

parts = {o.name: o for o in trace.observations}
equal(parts["request 0"].parent_observation_id, None, "the root's parent")
equal(parts["model"].parent_observation_id, root_id, "the generation's parent")
equal((parts["model"].type, parts["embed"].type), ("GENERATION", "EMBEDDING"), "types")
equal(parts["model"].input, [{"role": "user", "content": "0"}], "input is parsed")
equal(parts["model"].output, {"n": 0}, "output that is JSON is parsed")
usage = parts["model"].usage
equal((usage.input, usage.output, usage.total), (15, 0, 15), "usage: every bucket of input counts")
equal(
    parts["model"].usage_details,
    {"input": 10, "input_cached_tokens": 5, "output": 0, "total": 15},
    "usage by bucket",
)
close(parts["model"].calculated_total_cost, 0.25, "cost of the generation")

one = observations_v1.get(model_id)
equal((one.id, one.trace_id, one.name, one.model), (model_id, trace_id, "model", "gpt-4o-mini"), "one observation")
equal((one.level.value, one.environment, one.version), ("DEFAULT", "staging", "v0"), "level, environment, version")
page = observations_v1.get_many(trace_id=trace_id, limit=2, page=1)
equal((len(page.data), page.meta.total_items, page.meta.total_pages), (2, 3, 2), "a page of observations")
names = {o.name for o in observations_v1.get_many(trace_id=trace_id, type="GENERATION").data}
equal(names, {"model"}, "observations of a type")
names = {o.name for o in observations_v1.get_many(trace_id=trace_id, parent_observation_id=root_id).data}
equal(names, {"model", "embed"}, "observations under another")
names = {o.name for o in observations_v1.get_many(trace_id=trace_id, name="embed", environment="staging").data}
equal(names, {"embed"}, "observations by name and environment")
refused(NotFoundError, lambda: observations_v1.get("no-such-observation"), "an observation that is not there")

for other, _, _ in made[1:]:
    eventually("the other traces", lambda: complete(lambda: langfuse.api.trace.get(other)))


def listed(**query):
    """The traces of a list, by their names."""
    return [t.name for t in langfuse.api.trace.list(**query).data]


equal(listed(user_id=user), ["request 2", "request 1", "request 0"], "traces of a user, newest first")
equal(listed(user_id=user, order_by="timestamp.asc"), ["request 0", "request 1", "request 2"], "oldest first")
equal(sorted(listed(session_id=session)), ["request 0", "request 1"], "traces of a session")
equal(listed(tags=[mark, "row 1"]), ["request 1"], "traces with two tags")
equal(listed(user_id=user, name="request 2"), ["request 2"], "traces of a name")
equal(listed(user_id=user, version="v1"), ["request 1"], "traces of a version")
equal(len(listed(user_id=user, release="release-42", environment=["staging", "other"])), 3, "release and environments")
equal(listed(user_id=user, environment="other"), [], "another environment")
equal(len(listed(user_id=user, from_timestamp=an_hour_ago())), 3, "traces of the last hour")
equal(listed(user_id=user, to_timestamp=an_hour_ago()), [], "traces of earlier")
page = langfuse.api.trace.list(user_id=user, limit=2, page=2)
equal((len(page.data), page.meta.total_items, page.meta.total_pages), (1, 3, 2), "the second page")
row = langfuse.api.trace.list(user_id=user, name="request 1").data[0]
equal(sorted(row.observations), sorted(o.id for o in langfuse.api.trace.get(made[1][0]).observations), "ids in a list")
equal((len(row.scores), row.input, row.output), (1, {"n": 1}, ["done", 1]), "a row of the list")
close(row.total_cost, 0.75, "cost in a list")

conditions = [
    {"type": "string", "column": "userId", "operator": "=", "value": user},
    {"type": "arrayOptions", "column": "tags", "operator": "any of", "value": ["row 0", "row 2"]},
    {"type": "stringObject", "column": "metadata", "key": "row", "operator": "=", "value": "r2"},
]
equal(listed(filter=json.dumps(conditions)), ["request 2"], "a filter with three conditions")

stored = langfuse.api.sessions.get(session)
equal((stored.id, stored.environment), (session, "staging"), "the session")
equal({t.id for t in stored.traces}, {made[0][0], made[1][0]}, "traces of the session")
sessions = langfuse.api.sessions.list(from_timestamp=an_hour_ago(), limit=100)
ours = sorted(s.id for s in sessions.data if s.id.startswith(session))
equal(ours, [session, f"{session} b"], "sessions in the list")
refused(NotFoundError, lambda: langfuse.api.sessions.get("no-such-session"), "a session that is not there")
refused(NotFoundError, lambda: langfuse.api.trace.get("no-such-trace"), "a trace that is not there")
