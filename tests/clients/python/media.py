"""Images: the SDK uploads them beside the trace and leaves a reference, by which the very bytes come back."""

import base64
import hashlib
import uuid

import httpx
from langfuse.media import LangfuseMedia

from common import client, equal, eventually, observations

# A picture of one point, and after its end what makes it another one each time.
POINT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
bytes_of_input, bytes_of_message = POINT + uuid.uuid4().bytes, POINT + uuid.uuid4().bytes

sent = []
counting = httpx.Client(event_hooks={"request": [lambda request: sent.append(request)]})
langfuse = client(httpx_client=counting)


def media_id(content):
    """The id of a file follows from its content."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode()[:22]


def uploads():
    """How many files were uploaded so far. What takes them may be elsewhere, so they must not tell the keys."""
    puts = [request for request in sent if request.method == "PUT"]
    equal([r for r in puts if "authorization" in r.headers], [], "uploads that tell the keys")
    return len(puts)


data_uri = f"data:image/png;base64,{base64.b64encode(bytes_of_message).decode()}"
with langfuse.start_as_current_observation(
    name="look", input={"image": LangfuseMedia(content_bytes=bytes_of_input, content_type="image/png")}
) as root:
    # As a client of OpenAI sends it: the SDK finds the picture by itself.
    message = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": data_uri}}]}
    with langfuse.start_as_current_observation(name="describe", as_type="generation", input=[message]):
        pass
langfuse.flush()
equal(uploads(), 2, "uploads")


def read():
    found = {o["name"]: o for o in observations(langfuse, trace_id=root.trace_id)}
    return found if len(found) == 2 else None


found = eventually("both observations", read)
for name, content in {"look": bytes_of_input, "describe": bytes_of_message}.items():
    text = found[name]["input"]
    start = text.index("@@@langfuseMedia:")
    reference = text[start : text.index("@@@", start + 3) + 3]
    parsed = LangfuseMedia.parse_reference_string(reference)
    equal((parsed["media_id"], parsed["content_type"]), (media_id(content), "image/png"), f"reference in {name}")

    media = langfuse.api.media.get(media_id(content))
    equal((media.media_id, media.content_type), (media_id(content), "image/png"), f"the file of {name}")
    equal(media.content_length, len(content), f"length of the file of {name}")
    # The address itself is the right to read, as the SDK and a browser expect.
    answer = httpx.get(media.url)
    equal((answer.status_code, answer.content), (200, content), f"bytes of the file of {name}")
    equal(answer.headers["content-type"], "image/png", f"media type of the file of {name}")

    resolved = langfuse.resolve_media_references(obj={"it": reference}, resolve_with="base64_data_uri")
    equal(resolved, {"it": f"data:image/png;base64,{base64.b64encode(content).decode()}"}, f"{name}, resolved")

# What the platform has already is not uploaded again.
with langfuse.start_as_current_observation(
    name="look again", input=LangfuseMedia(content_bytes=bytes_of_input, content_type="image/png")
) as again:
    pass
langfuse.flush()
equal(uploads(), 2, "uploads of what is there")
found = eventually("the second look", lambda: observations(langfuse, trace_id=again.trace_id))
equal(media_id(bytes_of_input) in found[0]["input"], True, "the reference to what is there")
