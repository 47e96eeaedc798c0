"""Keys are checked: the right ones name their project, and wrong ones are refused by the error that the SDK knows."""

import os

from common import MAJOR, client, equal, refused

if MAJOR >= 4:
    from langfuse.api import UnauthorizedError
else:
    from langfuse.api.resources.commons.errors import UnauthorizedError

langfuse = client()
equal(langfuse.auth_check(), True, "auth_check")

health = langfuse.api.health.health()
equal(health.status, "OK", "health")
equal(bool(health.version), True, "the version in health")

projects = langfuse.api.projects.get().data
equal(len(projects), 1, "projects of the key")
equal(projects[0].name, "Test", "the project's name")

if MAJOR >= 3:
    trace_id = langfuse.create_trace_id(seed="a request")
    url = langfuse.get_trace_url(trace_id=trace_id)
    expected = f"{os.environ['LANGFUSE_HOST']}/project/{projects[0].id}/traces/{trace_id}"
    equal(url, expected, "get_trace_url")

# A client is shared by all that use one public key, so the stranger needs another.
for public, secret in [
    ("pk-as-nobody", os.environ["LANGFUSE_SECRET_KEY"]),
    ("pk-as-nobody-else", "sk-as-wrong-0123456789"),
]:
    stranger = client(public_key=public, secret_key=secret)
    error = refused(UnauthorizedError, stranger.api.projects.get, "wrong keys")
    equal(error.status_code, 401, "the status for wrong keys")
    equal(isinstance(error.body.get("message"), str), True, "a message for wrong keys")
    refused(UnauthorizedError, stranger.auth_check, "auth_check with wrong keys")
