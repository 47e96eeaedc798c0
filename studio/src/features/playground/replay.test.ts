import { expect, it } from "vitest";
import { messagesOf, modelCalled, settingsOf, unanswered, untilTurn } from "./replay";

const PNG = "data:image/png;base64,iVBORw0KGgo=";
const read = (payload: unknown) => messagesOf(payload).messages;

it("reads OpenAI's messages with pictures and calls", () => {
  const found = messagesOf({
    model: "m", temperature: 0.3, tools: [{}],
    messages: [
      { role: "developer", content: "Be kind." },
      { role: "user", name: "An", content: [{ type: "text", text: "Look" }, { type: "image_url", image_url: { url: PNG } }, { type: "input_audio", input_audio: {} }] },
      { role: "assistant", content: null, tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } }] },
      { role: "tool", tool_call_id: "c1", content: "42" },
    ],
  });
  expect(found.messages).toEqual([
    { role: "system", content: "Be kind." },
    { role: "user", content: [{ type: "text", text: "Look" }, { type: "image_url", image_url: { url: PNG } }] },
    { role: "assistant", content: "", tool_calls: [{ name: "f", input_parameters: { a: 1 } }] },
    { role: "tool", content: "42" },
  ]);
  expect(found.lost).toEqual([{ kind: "part", name: "input_audio" }, { kind: "name" }]);
  expect(settingsOf(found.rest)).toEqual({ settings: { temperature: "0.3" }, lost: [{ kind: "tools" }] });
});

it("reads Anthropic's, whose results of tools are the user's", () => {
  expect(read({
    system: [{ type: "text", text: "Be kind." }],
    messages: [
      { role: "assistant", content: [{ type: "thinking", thinking: "hm", text: "hm" }, { type: "text", text: "I look." }, { type: "tool_use", id: "t", name: "g", input: { b: 2 } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: "ok" }] }, { type: "text", text: "Thanks" }] },
      { role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } }] },
    ],
  })).toEqual([
    { role: "system", content: "Be kind." },
    { role: "assistant", content: "I look.", tool_calls: [{ name: "g", input_parameters: { b: 2 } }] },
    { role: "tool", content: "ok" },
    { role: "user", content: "Thanks" },
    { role: "user", content: [{ type: "image_url", image_url: { url: PNG } }] },
  ]);
});

it("reads what other APIs and frameworks write", () => {
  const talk = [{ role: "user", content: "Hi" }, { role: "assistant", content: "", tool_calls: [{ name: "f", input_parameters: { a: 1 } }] }, { role: "tool", content: '{"x":1}' }];
  // OpenAI's Responses, Gemini, the AI SDK, OpenTelemetry.
  expect(read({ instructions: "Be kind.", input: [
    { type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] }, { type: "reasoning", summary: [] },
    { type: "function_call", name: "f", arguments: '{"a":1}', call_id: "c" }, { type: "function_call_output", call_id: "c", output: '{"x":1}' },
  ] })).toEqual([{ role: "system", content: "Be kind." }, ...talk]);
  expect(read({ contents: [
    { role: "user", parts: [{ text: "Hi" }] }, { role: "model", parts: [{ functionCall: { name: "f", args: { a: 1 } } }] }, { role: "user", parts: [{ functionResponse: { name: "f", response: { x: 1 } } }] },
  ] })).toEqual(talk);
  expect(read([
    { role: "user", content: [{ type: "text", text: "Hi" }] }, { role: "assistant", content: [{ type: "tool-call", toolName: "f", input: { a: 1 } }] },
    { role: "tool", content: [{ type: "tool-result", toolName: "f", output: { type: "json", value: { x: 1 } } }] },
  ])).toEqual(talk);
  expect(read(JSON.stringify([
    { role: "user", parts: [{ type: "text", content: "Hi" }] }, { role: "assistant", parts: [{ type: "tool_call", name: "f", arguments: { a: 1 } }] },
    { role: "tool", parts: [{ type: "tool_call_response", response: { x: 1 } }] },
  ]))).toEqual(talk);
  expect(read([[{ id: ["langchain", "HumanMessage"], kwargs: { content: "Hi" } }]])).toEqual([talk[0]]);
});

it("takes what is no conversation as the user's word", () => {
  expect(read("Hi")).toEqual([{ role: "user", content: "Hi" }]);
  expect(read({ question: "Why?" })).toEqual([{ role: "user", content: "Why?" }]);
  expect(read({ a: 1, b: "x" })).toEqual([{ role: "user", content: '{\n  "a": 1,\n  "b": "x"\n}' }]);
  expect(messagesOf([{ type: "doc", id: 1 }])).toMatchObject({ messages: [{ role: "user" }], lost: [] });
  expect([read(null), read("")]).toEqual([[], []]);
});

it("says what has no place", () => {
  const reference = "@@@langfuseMedia:type=image/png|id=abc|source=bytes@@@";
  const found = messagesOf([
    { role: "critic", content: "Bad." },
    { role: "user", content: [{ type: "text", text: `See ${reference}` }, { type: "image_url", image_url: { url: "http://e.com/a.png" } }, { type: "text", text: "@@@langfuseMedia:type=audio/wav|id=d|source=bytes@@@" }] },
    { role: "assistant", content: "", tool_calls: [{ function: { name: "f", arguments: "{}" } }] },
  ]);
  expect(found.files).toEqual(["abc"]);
  expect(found.messages[1]?.content).toEqual([{ type: "text", text: "See " }, { type: "image_url", image_url: { url: "media:abc" } }]);
  expect(found.lost).toEqual([{ kind: "role", name: "critic" }, { kind: "picture" }, { kind: "file", name: "audio/wav" }, { kind: "calls" }]);
});

it("reads settings by all their names", () => {
  const schema = { type: "object" };
  expect(settingsOf({ temperature: "0.2", max_completion_tokens: 64, top_p: 1, tools: [], response_format: { type: "json_schema", json_schema: { name: "a", schema } } }, { temperature: 1, seed: 7, model: "x" })).toEqual({
    settings: { temperature: "0.2", max_tokens: "64", seed: "7", schema: JSON.stringify(schema, null, 2) }, lost: [{ kind: "settings", name: "top_p" }, { kind: "tools" }],
  });
  expect(settingsOf({ generationConfig: { maxOutputTokens: 5, responseSchema: schema } }, null, "x").settings).toMatchObject({ max_tokens: "5", schema: JSON.stringify(schema, null, 2) });
});

it("finds the workspace's model", () => {
  const models = [{ id: "1", name: "gpt-4o", model: "mini" }, { id: "2", name: "Big", model: "GPT-4o" }, { id: "3", name: "x", model: "gpt-4o-mini" }];
  const called = (name: string | null) => modelCalled(models, name)?.id;
  expect([called("gpt-4o"), called("big"), called("gpt-4o-2024-08-06"), called("gpt-4o-mini-2024-07-18"), called("gpt-4o-audio"), called("nobody"), called(null)]).toEqual(["2", "2", "2", "3", undefined, undefined, undefined]);
});

it("takes a run up to the user's words of a turn", () => {
  const messages = [
    { role: "user" as const, content: "One" },
    { role: "assistant" as const, content: "Two", tool_calls: [{ name: "f", input_parameters: {}, output: { x: 1 } }], retrieval_context: ["p"] },
    { role: "user" as const, content: "Three" }, { role: "assistant" as const, content: "Four" },
  ];
  expect(untilTurn(messages, 2)).toMatchObject({
    messages: [
      { role: "user", content: "One" }, { role: "assistant", content: "", tool_calls: [{ name: "f", input_parameters: {} }] }, { role: "tool", content: '{"x":1}' },
      { role: "assistant", content: "Two" }, { role: "user", content: "Three" },
    ],
    lost: [{ kind: "retrieval" }],
  });
  expect(untilTurn(messages, 1).messages).toEqual([{ role: "user", content: "One" }]);
  expect(unanswered([{ role: "assistant", content: "", tool_calls: [{ name: "f" }] }, { role: "user", content: "x" }])).toBe(true);
});
