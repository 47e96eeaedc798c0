"""Prompts: versions and labels, names with slashes and blanks, chat messages with placeholders, and the client's cache."""

import urllib.parse

import httpx

from common import MAJOR, client, equal, refused, unique

if MAJOR >= 4:
    from langfuse.api import NotFoundError
else:
    from langfuse.api.resources.commons.errors import NotFoundError

sent = []
counting = httpx.Client(event_hooks={"request": [lambda request: sent.append(request.method)]})
langfuse = client(httpx_client=counting)

name = unique("clients/folder a/grüße & 100% more")
encoded = urllib.parse.quote(name, safe="")
first = langfuse.create_prompt(
    name=name,
    prompt="Greet {{who}} in {{language}}.",
    labels=["production", "stable"],
    tags=["greeting"],
    config={"model": "gpt-4o-mini", "stop": ["."], "temperature": 0.5},
    commit_message="the first one",
)
equal((first.name, first.version), (name, 1), "the first version")
equal(sorted(first.labels), ["latest", "production", "stable"], "labels of the first version")
second = langfuse.create_prompt(name=name, prompt="Greet {{who}}.", labels=["staging"])
equal(second.version, 2, "the second version")

sent.clear()
prompt = langfuse.get_prompt(name)
equal(prompt.prompt, "Greet {{who}} in {{language}}.", "the prompt in production")
equal(prompt.config, {"model": "gpt-4o-mini", "stop": ["."], "temperature": 0.5}, "config")
equal(prompt.tags, ["greeting"], "tags")
equal(prompt.commit_message, "the first one", "commit message")
equal(prompt.compile(who="Ada", language="Latin"), "Greet Ada in Latin.", "the filled prompt")
equal(sent, ["GET"], "requests of the first get")
equal(langfuse.get_prompt(name).version, 1, "the prompt from the cache")
equal(sent, ["GET"], "the second get asks nobody")

equal(langfuse.get_prompt(name, label="staging").version, 2, "by label")
equal(langfuse.get_prompt(name, label="latest").version, 2, "the latest")
equal(langfuse.get_prompt(name, version=1).version, 1, "by version")
equal(langfuse.get_prompt(name, version=2).config, {}, "no config")
equal(langfuse.get_prompt(name, version=2).tags, ["greeting"], "tags stay when none are given")

langfuse.update_prompt(name=name, version=2, new_labels=["production"])
equal(langfuse.get_prompt(name).version, 2, "production has moved")
moved = langfuse.get_prompt(name, version=2)
equal(sorted(moved.labels), ["latest", "production", "staging"], "labels of the second version")
equal(langfuse.get_prompt(name, version=1).labels, ["stable"], "labels that the first version keeps")

chat_name = unique("clients/chat")
messages = [
    {"role": "system", "content": "You sell {{goods}}."},
    {"type": "placeholder", "name": "history"},
    {"role": "user", "content": "{{question}}"},
]
langfuse.create_prompt(name=chat_name, type="chat", prompt=messages, labels=["production"])
chat = langfuse.get_prompt(chat_name, type="chat")
history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
filled = chat.compile(goods="tea", question="Green?", history=history)
equal(
    [(m["role"], m["content"]) for m in filled],
    [("system", "You sell tea."), ("user", "Hi"), ("assistant", "Hello"), ("user", "Green?")],
    "the filled chat",
)

listed = langfuse.api.prompts.list(name=name)
equal((len(listed.data), listed.meta.total_items), (1, 1), "prompts of the name")
meta = listed.data[0]
equal((meta.name, sorted(meta.versions), meta.tags), (name, [1, 2], ["greeting"]), "the prompt in the list")
equal(sorted(meta.labels), ["latest", "production", "stable", "staging"], "all of its labels")
equal([p.name for p in langfuse.api.prompts.list(name=chat_name, label="production").data], [chat_name], "by label")
equal(langfuse.api.prompts.list(name=name, tag="no such tag").data, [], "by a tag that it has not")

missing = unique("clients/no such prompt")
sent.clear()
refused(NotFoundError, lambda: langfuse.get_prompt(missing, max_retries=0), "a prompt that is not there")
equal(sent, ["GET"], "requests for it")
refused(NotFoundError, lambda: langfuse.get_prompt(name, version=17, max_retries=0), "a version that is not there")
fallback = langfuse.get_prompt(missing, fallback="Say {{what}}.", max_retries=0)
equal((fallback.compile(what="no"), fallback.is_fallback), ("Say no.", True), "the fallback")

langfuse.api.prompts.delete(encoded, version=1)
refused(NotFoundError, lambda: langfuse.api.prompts.get(encoded, version=1), "the deleted version")
equal(langfuse.api.prompts.get(encoded, version=2).version, 2, "the other version")
langfuse.api.prompts.delete(encoded)
refused(NotFoundError, lambda: langfuse.api.prompts.get(encoded), "the deleted prompt")
