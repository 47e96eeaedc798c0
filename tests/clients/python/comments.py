"""Comments are written, read back alone and by pages, and refused where there is nothing to comment on."""

from common import client, equal, eventually, fields, observations, platform, unique

langfuse = client()
name = unique("spoken of")
with langfuse.start_as_current_observation(name=name) as root:
    with root.start_as_current_observation(name="inner", as_type="generation") as inner:
        pass
langfuse.flush()
eventually("the trace", lambda: len(observations(langfuse, trace_id=root.trace_id)) == 2)
project = platform("/api/public/projects")["data"][0]["id"]
comments = langfuse.api.comments


def comment(kind, object_id, content):
    """Writes a comment and gives its id."""
    words = {"project_id": project, "object_type": kind, "object_id": object_id, "content": content}
    try:
        made = comments.create(**words)
    except TypeError:
        # Version 3 takes them as one object.
        from langfuse.api import CreateCommentRequest

        made = comments.create(request=CreateCommentRequest(**words))
    return made.id


on_trace = comment("TRACE", root.trace_id, "**wrong**, see\n\n- the refund")
on_inner = comment("OBSERVATION", inner.id, "too long")
found = fields(comments.get_by_id(on_trace))
equal(found["content"], "**wrong**, see\n\n- the refund", "the content")
equal((found["objectType"], found["objectId"]), ("TRACE", root.trace_id), "what it is on")
equal(found["projectId"], project, "the project")

page = comments.get(object_type="OBSERVATION", object_id=inner.id)
equal([c.id for c in page.data], [on_inner], "the comments of the observation")
equal((page.meta.page, page.meta.total_items, page.meta.total_pages), (1, 1, 1), "where the page is")
first = comments.get(limit=1, page=1)
second = comments.get(limit=1, page=2)
equal([first.data[0].id, second.data[0].id], [on_inner, on_trace], "two pages, the newest first")

for call, what in [
    (lambda: comment("TRACE", "0" * 32, "x"), "a trace that is not there"),
    (lambda: comments.get_by_id("none"), "a comment that is not there"),
]:
    try:
        answer = call()
    except Exception as raised:
        equal(getattr(raised, "status_code", None), 404, what)
    else:
        raise SystemExit(f"{what}: {answer!r}")
