"""The second version of the observations API: fields, filters, pages by cursor, and long metadata."""

import json

from langfuse import propagate_attributes

from common import MAJOR, an_hour_ago, client, equal, eventually, fields, observations, unique

langfuse = client(environment="staging")
user, session = unique("user"), unique("session")
LONG = "long " * 100

with langfuse.start_as_current_observation(name="root", metadata={"long": LONG, "short": "s"}, input={"a": 1}) as root:
    with propagate_attributes(user_id=user, session_id=session, tags=["one", "two"]):
        for n in range(7):
            level = "WARNING" if n == 3 else None
            with langfuse.start_as_current_observation(name=f"step {n}", as_type="tool", level=level) as step:
                if n == 6:
                    step.start_observation(name="leaf", as_type="generation", model="m-1").end()
langfuse.flush()
trace_id = root.trace_id
EVERY = {"root", "leaf", *(f"step {n}" for n in range(7))}
api = langfuse.api.observations if MAJOR >= 4 else langfuse.api.observations_v_2


def names(**query):
    """The names that a query gives."""
    return {o["name"] for o in observations(langfuse, trace_id=trace_id, **query)}


eventually("all observations", lambda: names() == EVERY)
equal(names(name="step 2"), {"step 2"}, "by name")
equal(names(type="GENERATION"), {"leaf"}, "by type")
equal(names(level="WARNING"), {"step 3"}, "by level")
equal(names(parent_observation_id=root.id), {f"step {n}" for n in range(7)}, "by parent")
equal(names(user_id=user) >= EVERY - {"root"}, True, "by user")
equal(names(environment=["staging", "other"]), EVERY, "by environments")
equal(names(environment="other"), set(), "by another environment")
equal(names(from_start_time=an_hour_ago()), EVERY, "of the last hour")
equal(names(to_start_time=an_hour_ago()), set(), "of earlier")
if MAJOR >= 4:
    equal(names(session_id=session) >= EVERY - {"root"}, True, "by session")
    equal(names(is_root_observation=True), {"root"}, "roots")

conditions = [
    {"type": "string", "column": "traceId", "operator": "=", "value": trace_id},
    {"type": "stringOptions", "column": "type", "operator": "any of", "value": ["TOOL", "GENERATION"]},
    {"type": "string", "column": "name", "operator": "starts with", "value": "step"},
    {"type": "string", "column": "level", "operator": "=", "value": "WARNING"},
]
found = observations(langfuse, filter=json.dumps(conditions))
equal({o["name"] for o in found}, {"step 3"}, "a filter of four conditions")

seen, cursor = [], None
while True:
    page = api.get_many(trace_id=trace_id, fields="core,basic", limit=4, cursor=cursor)
    rows = [fields(o) for o in page.data]
    equal(len(rows) <= 4, True, "size of a page")
    seen += rows
    cursor = page.meta.cursor
    if not cursor:
        break
equal(sorted(o["name"] for o in seen), sorted(EVERY), "all pages together")
starts = [o["startTime"] for o in seen]
equal(starts, sorted(starts, reverse=True), "newest first")

plain = fields(api.get_many(trace_id=trace_id, name="root").data[0])
equal((plain["name"], plain["type"]), ("root", "SPAN"), "fields that are always there")
equal((plain.get("input"), plain.get("metadata"), plain.get("model")), (None, None, None), "fields not asked for")

cut = observations(langfuse, trace_id=trace_id, name="root")[0]["metadata"]
equal((cut["short"], len(cut["long"]) < len(LONG)), ("s", True), "long metadata is cut")
whole = observations(langfuse, trace_id=trace_id, name="root", expand_metadata="long")[0]["metadata"]
equal(whole["long"], LONG, "long metadata that was asked for")
