import { expect, it } from "vitest";
import { chatOf, historyOf, mediaOf, textOf, textParts } from "./chat";

const roles = (payload: unknown) => chatOf(payload)?.messages.map((one) => one.role);

it("reads what the vendors write", () => {
  const openai = { model: "m", messages: [{ role: "system", content: "Be kind." }, { role: "user", content: "Hi" }] };
  expect(roles(openai)).toEqual(["system", "user"]);
  expect(chatOf(openai)?.rest).toEqual({ model: "m" });
  expect(roles(JSON.stringify(openai.messages))).toEqual(["system", "user"]);
  expect(roles({ choices: [{ index: 0, message: { role: "assistant", content: "Hello" } }] })).toEqual(["assistant"]);
  expect(roles({ system: "Be kind.", messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }] })).toEqual(["system", "user"]);
  expect(roles({ contents: [{ role: "user", parts: [{ text: "Hi" }] }, { role: "model", parts: [{ text: "Yo" }] }] })).toEqual(["user", "assistant"]);
  expect(roles([[{ type: "human", content: "Hi" }, { type: "ai", content: "Yo" }]])).toEqual(["user", "assistant"]);
});

it("reads calls of tools", () => {
  const calls = (payload: unknown) => chatOf(payload)?.messages[0]?.calls;
  expect(calls({ role: "assistant", content: null, tool_calls: [{ function: { name: "f", arguments: '{"a":1}' } }] })).toEqual([{ name: "f", input: { a: 1 } }]);
  expect(calls({ role: "assistant", content: [{ type: "tool_use", name: "g", input: { b: 2 } }] })).toEqual([{ name: "g", input: { b: 2 } }]);
});

it("does not take anything for a conversation", () => {
  for (const payload of ["Hi", 3, null, [], ["a"], { question: "x" }, [{ id: 1 }], { messages: [] }]) expect(chatOf(payload)).toBeNull();
});

it("finds files", () => {
  const reference = "@@@langfuseMedia:type=image/png|id=abc|source=bytes@@@";
  expect(textParts(`See ${reference} there`).map((one) => one.type)).toEqual(["text", "media", "text"]);
  expect(mediaOf({ deep: [reference] })).toEqual([{ id: "abc", mime: "image/png" }]);
});

it("says in one text what went in and came out", () => {
  const chat = [{ role: "user", content: "One" }, { role: "assistant", content: "Two" }, { role: "user", content: "Three" }];
  expect([textOf(chat, "user"), textOf(chat, "assistant"), textOf({ question: "Q" }, "user"), textOf(["a", "b"], "user"), textOf(null, "user")])
    .toEqual(["Three", "Two", "Q", "a\nb", ""]);
});

it("tells what was said before", () => {
  const chat = [{ role: "system", content: "Be kind." }, { role: "user", content: "One" }, { role: "assistant", content: "Two" }, { role: "user", content: "Three" }];
  expect(historyOf(chat).map((one) => one.content)).toEqual(["Be kind.", "One", "Two"]);
  expect([historyOf("Hi"), historyOf([{ role: "assistant", content: "x" }])]).toEqual([[], []]);
});
