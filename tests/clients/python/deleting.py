"""A deleted trace is gone with its observations and its scores, and its neighbour stays."""

from common import MAJOR, client, equal, eventually, observations, unique

langfuse = client()


def make(name):
    """A trace of one observation with one score."""
    with langfuse.start_as_current_observation(name=name) as root:
        root.score_trace(name="good", value=1)
    return root.trace_id


def scores(trace_id):
    """How many scores the trace has."""
    api = langfuse.api.score_v_2.get if MAJOR == 3 else langfuse.api.scores.get_many
    return len(api(trace_id=trace_id).data)


def is_whole(trace_id):
    """Whether both have arrived."""
    return (len(observations(langfuse, trace_id=trace_id)), scores(trace_id)) == (1, 1)


def is_gone(trace_id):
    """Whether neither is left."""
    return (len(observations(langfuse, trace_id=trace_id)), scores(trace_id)) == (0, 0)


alone, first, second, neighbour = (make(unique("to delete")) for _ in range(4))
langfuse.flush()
for trace_id in (alone, first, second, neighbour):
    eventually("the traces", lambda: is_whole(trace_id))

equal(bool(langfuse.api.trace.delete(alone).message), True, "the answer to a deletion")
eventually("the deleted trace is gone", lambda: is_gone(alone))
equal(bool(langfuse.api.trace.delete_multiple(trace_ids=[first, second]).message), True, "the answer to a deletion of two")
for trace_id in (first, second):
    eventually("both are gone", lambda: is_gone(trace_id))
equal(is_whole(neighbour), True, "the neighbour stays")
if MAJOR <= 4:
    ids = [t.id for t in langfuse.api.trace.list(limit=100).data]
    equal(alone in ids, False, "a deleted trace is in no list")
    equal(neighbour in ids, True, "the neighbour is in the list")
