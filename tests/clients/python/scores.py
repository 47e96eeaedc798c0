"""Scores of traces, observations and sessions, of every data type, before and after their trace, replaced and deleted."""

from langfuse import propagate_attributes

from common import MAJOR, client, equal, eventually, fields, unique

langfuse = client(environment="staging")
session = unique("session")
trace_id = langfuse.create_trace_id(seed=unique("trace"))
early, verdict = unique("early"), unique("verdict")

# A score may come before its trace, and for a trace that never comes.
orphaned = langfuse.create_trace_id(seed=unique("trace that never comes"))
langfuse.create_score(name="early", value=0.25, trace_id=trace_id, score_id=early)
langfuse.create_score(name="orphan", value=3, trace_id=orphaned)
langfuse.flush()

with langfuse.start_as_current_observation(trace_context={"trace_id": trace_id}, name="answer") as span:
    with propagate_attributes(session_id=session, user_id="ada"):
        span.score(
            name="relevance",
            value=0.75,
            data_type="NUMERIC",
            comment="to the point",
            metadata={"judge": "gpt-4o", "tries": 2},
        )
        span.score_trace(name="correct", value=1, data_type="BOOLEAN")
        langfuse.score_current_span(name="tone", value="friendly", data_type="CATEGORICAL")
        langfuse.score_current_trace(name="wrong", value=0, data_type="BOOLEAN")
langfuse.create_score(name="untyped", value=4, trace_id=trace_id)
langfuse.create_score(name="remark", value="Says it twice.", data_type="TEXT", trace_id=trace_id)
langfuse.create_score(name="resolved", value="yes", data_type="CATEGORICAL", session_id=session)
# The second score with an id takes the place of the first.
langfuse.create_score(name="verdict", value=0.1, trace_id=trace_id, score_id=verdict, comment="first")
langfuse.flush()
langfuse.create_score(name="verdict", value=0.9, trace_id=trace_id, score_id=verdict, comment="second")
langfuse.flush()

# name: (data type, what it is of, value as version 2 tells it, its string, value as version 3 tells it)
EXPECTED = {
    "early": ("NUMERIC", "trace", 0.25, None, 0.25),
    "relevance": ("NUMERIC", "observation", 0.75, None, 0.75),
    "correct": ("BOOLEAN", "trace", 1, "True", True),
    "wrong": ("BOOLEAN", "trace", 0, "False", False),
    "tone": ("CATEGORICAL", "observation", 0, "friendly", "friendly"),
    "untyped": ("NUMERIC", "trace", 4, None, 4),
    "remark": ("TEXT", "trace", None, "Says it twice.", "Says it twice."),
    "verdict": ("NUMERIC", "trace", 0.9, None, 0.9),
}


def by_name(page, count, what):
    """The scores of a page by name, once there are as many as there should be and the last one is in its place."""

    def read():
        found = {s["name"]: s for s in map(fields, page())}
        settled = "verdict" not in found or found["verdict"]["value"] == 0.9
        return found if len(found) == count and settled else None

    return eventually(what, read)


def second_version():
    """`GET /api/public/v2/scores`, with a value and a string."""
    read = langfuse.api.scores.get_many if MAJOR == 4 else langfuse.api.score_v_2.get
    found = by_name(lambda: read(trace_id=trace_id, limit=100).data, len(EXPECTED), "scores of the trace (v2)")
    for name, (kind, subject, value, string, _) in EXPECTED.items():
        score = found[name]
        equal((score["dataType"], score["source"]), (kind, "API"), f"type and source of {name}")
        equal(score.get("value"), value, f"value of {name}")
        equal(score.get("stringValue"), string, f"string of {name}")
        of = span.id if subject == "observation" else None
        equal((score.get("traceId"), score.get("observationId")), (trace_id, of), f"what {name} is of")
        equal(score["environment"], "staging", f"environment of {name}")
    equal(found["relevance"]["comment"], "to the point", "comment")
    equal(found["relevance"]["metadata"], {"judge": "gpt-4o", "tries": 2}, "metadata of a score")
    equal((found["early"]["id"], found["verdict"]["id"]), (early, verdict), "ids that were given")
    equal(found["verdict"]["comment"], "second", "comment of the replaced score")

    of_session = by_name(lambda: read(session_id=session).data, 1, "scores of the session (v2)")["resolved"]
    equal((of_session.get("traceId"), of_session["sessionId"]), (None, session), "a session's score")
    equal(len(read(trace_id=orphaned).data), 1, "the score without a trace")

    one = langfuse.api.scores.get_by_id if MAJOR == 4 else langfuse.api.score_v_2.get_by_id
    equal(fields(one(verdict))["value"], 0.9, "a score by its id")
    names = {fields(s)["name"] for s in read(trace_id=trace_id, data_type="BOOLEAN").data}
    equal(names, {"correct", "wrong"}, "scores of one type")
    names = {fields(s)["name"] for s in read(trace_id=trace_id, name="tone").data}
    equal(names, {"tone"}, "scores of one name")
    page = read(trace_id=trace_id, page=2, limit=3)
    equal((len(page.data), page.meta.total_items, page.meta.total_pages), (3, 8, 3), "the second page")


def third_version():
    """`GET /api/public/v3/scores`, whose values have the type of the score."""
    read = langfuse.api.scores_v3.get_many_v3 if MAJOR == 4 else langfuse.api.scores.get_many
    page = lambda: read(trace_id=trace_id, fields="details,subject", limit=100).data
    found = by_name(page, len(EXPECTED), "scores of the trace (v3)")
    for name, (kind, subject, _, _, value) in EXPECTED.items():
        score = found[name]
        equal((score["dataType"], score["source"]), (kind, "API"), f"type and source of {name}")
        equal(score["value"], value, f"value of {name}")
        equal(type(score["value"]) is bool, kind == "BOOLEAN", f"{name} is true or false")
        equal(score["subject"]["kind"], subject, f"what {name} is of")
        of = span.id if subject == "observation" else trace_id
        equal(score["subject"]["id"], of, f"id of what {name} is of")
        equal(score["environment"], "staging", f"environment of {name}")
    equal(found["relevance"]["subject"]["traceId"], trace_id, "the trace of the observation")
    equal(found["relevance"]["comment"], "to the point", "comment")
    equal(found["relevance"]["metadata"], {"judge": "gpt-4o", "tries": 2}, "metadata of a score")
    equal(found["verdict"]["comment"], "second", "comment of the replaced score")

    page = lambda: read(session_id=session, fields="subject").data
    of_session = by_name(page, 1, "scores of the session (v3)")["resolved"]
    equal(of_session["subject"], {"kind": "session", "id": session}, "a session's score")
    plain = fields(read(id=early).data[0])
    equal((plain.get("subject"), plain.get("comment")), (None, None), "fields that were not asked for")
    names = {s.name for s in read(trace_id=trace_id, name="tone,early").data}
    equal(names, {"tone", "early"}, "scores of two names")
    names = {s.name for s in read(trace_id=trace_id, data_type="NUMERIC", value_min=0.5, value_max=1).data}
    equal(names, {"relevance", "verdict"}, "scores between two values")
    names = [s.name for s in read(trace_id=trace_id, observation_id=span.id).data]
    equal(sorted(names), ["relevance", "tone"], "scores of one observation")

    seen, cursor = [], None
    while True:
        page = read(trace_id=trace_id, limit=3, cursor=cursor)
        seen += [s.name for s in page.data]
        cursor = page.meta.cursor
        if not cursor:
            break
    equal(sorted(seen), sorted(EXPECTED), "all pages together")


if MAJOR <= 4:
    second_version()
if MAJOR >= 4:
    third_version()

# Scores are also written without a queue.
if MAJOR == 5:
    from langfuse.api import CreateScoreRequest

    langfuse.api.scores.create(request=[CreateScoreRequest(name="direct", value=1.5, trace_id=orphaned)])
elif MAJOR == 4:
    langfuse.api.scores.create(name="direct", value=1.5, trace_id=orphaned)
else:
    from langfuse.api import CreateScoreRequest

    langfuse.api.score.create(request=CreateScoreRequest(name="direct", value=1.5, traceId=orphaned))


def of_orphan():
    """The names of the scores whose trace never came."""
    api = langfuse.api.score_v_2.get if MAJOR == 3 else langfuse.api.scores.get_many
    return {fields(s)["name"] for s in api(trace_id=orphaned).data}


eventually("a score that was written directly", lambda: of_orphan() == {"orphan", "direct"})


def delete(score):
    """Each version has it somewhere else."""
    if MAJOR == 5:
        langfuse.api.scores.delete(score)
    elif MAJOR == 4:
        langfuse.api.legacy.score_v1.delete(score)
    else:
        langfuse.api.score.delete(score)


def left():
    """The names of the scores that the trace still has."""
    api = langfuse.api.score_v_2.get if MAJOR == 3 else langfuse.api.scores.get_many
    return {fields(s)["name"] for s in api(trace_id=trace_id, limit=100).data}


delete(verdict)
eventually("the deleted score is gone", lambda: left() == EXPECTED.keys() - {"verdict"})
