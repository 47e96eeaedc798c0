// Prompts: versions and labels, names with slashes and blanks, chat messages with placeholders, and the client's cache.

import { equal, langfuse, refused, shutdown, unique } from "./common.mjs";

const sent = [];
const fetching = globalThis.fetch;
globalThis.fetch = (address, options) => {
  sent.push(options?.method ?? "GET");
  return fetching(address, options);
};

const name = unique("clients/folder a/grüße & 100% more");
const first = await langfuse.prompt.create({
  name,
  prompt: "Greet {{who}} in {{language}}.",
  labels: ["production", "stable"],
  tags: ["greeting"],
  config: { model: "gpt-4o-mini", temperature: 0.5 },
  commitMessage: "the first one",
});
equal([first.name, first.version], [name, 1], "the first version");
equal([...first.labels].sort(), ["latest", "production", "stable"], "labels of the first version");
const second = await langfuse.prompt.create({ name, prompt: "Greet {{who}}.", labels: ["staging"] });
equal(second.version, 2, "the second version");

sent.length = 0;
const prompt = await langfuse.prompt.get(name);
equal(prompt.prompt, "Greet {{who}} in {{language}}.", "the prompt in production");
equal(prompt.config, { model: "gpt-4o-mini", temperature: 0.5 }, "config");
equal([prompt.tags, prompt.commitMessage], [["greeting"], "the first one"], "tags and commit message");
equal(prompt.compile({ who: "Ada", language: "Latin" }), "Greet Ada in Latin.", "the filled prompt");
equal(sent, ["GET"], "requests of the first get");
equal((await langfuse.prompt.get(name)).version, 1, "the prompt from the cache");
equal(sent, ["GET"], "the second get asks nobody");

equal((await langfuse.prompt.get(name, { label: "staging" })).version, 2, "by label");
equal((await langfuse.prompt.get(name, { label: "latest" })).version, 2, "the latest");
equal((await langfuse.prompt.get(name, { version: 1 })).version, 1, "by version");

await langfuse.prompt.update({ name, version: 2, newLabels: ["production"] });
equal((await langfuse.prompt.get(name)).version, 2, "production has moved");
const kept = await langfuse.prompt.get(name, { version: 1, cacheTtlSeconds: 0 });
equal(kept.labels, ["stable"], "labels that the first version keeps");

const chatName = unique("clients/chat");
await langfuse.prompt.create({
  name: chatName,
  type: "chat",
  prompt: [
    { role: "system", content: "You sell {{goods}}." },
    { type: "placeholder", name: "history" },
    { role: "user", content: "{{question}}" },
  ],
  labels: ["production"],
});
const chat = await langfuse.prompt.get(chatName, { type: "chat" });
const history = [
  { role: "user", content: "Hi" },
  { role: "assistant", content: "Hello" },
];
const filled = chat.compile({ goods: "tea", question: "Green?" }, { history });
equal(
  filled.map((m) => [m.role, m.content]),
  [
    ["system", "You sell tea."],
    ["user", "Hi"],
    ["assistant", "Hello"],
    ["user", "Green?"],
  ],
  "the filled chat",
);

const listed = await langfuse.api.prompts.list({ name });
equal([listed.data.length, listed.meta.totalItems], [1, 1], "prompts of the name");
equal([...listed.data[0].versions].sort(), [1, 2], "versions in the list");

const missing = unique("clients/no such prompt");
await refused(404, () => langfuse.prompt.get(missing, { maxRetries: 0 }), "a prompt that is not there");
const fallback = await langfuse.prompt.get(missing, { fallback: "Say {{what}}.", maxRetries: 0 });
equal([fallback.compile({ what: "no" }), fallback.isFallback], ["Say no.", true], "the fallback");

await langfuse.prompt.delete(name, { version: 1 });
await refused(404, () => langfuse.prompt.get(name, { version: 1, maxRetries: 0 }), "the deleted version");
equal((await langfuse.prompt.get(name, { version: 2, cacheTtlSeconds: 0 })).version, 2, "the other version");
await langfuse.prompt.delete(name);
await refused(404, () => langfuse.prompt.get(name, { version: 2, maxRetries: 0 }), "the deleted prompt");
await shutdown();
