import { describe, expect, it } from "vitest";
import { agentOf, templateOf, words } from "./paste";

describe("words", () => {
  it("reads quotes, escapes and lines that go on", () => {
    expect(words(`curl -H 'A: b' \\\n  "c \\"d\\"" e\\ f`)).toEqual(["curl", "-H", "A: b", 'c "d"', "e f"]);
  });
  it("keeps an empty word", () => {
    expect(words("a '' b")).toEqual(["a", "", "b"]);
  });
});

describe("agentOf", () => {
  it("takes a URL", () => {
    expect(agentOf(" https://bot.example.com/v1/chat/completions ")).toMatchObject({
      name: "bot.example.com", kind: "openai_chat", url: "https://bot.example.com/v1/chat/completions", auth: { type: "none" },
    });
  });
  it("takes a call of OpenAI's API", () => {
    const spec = agentOf(`curl https://api.openai.com/v1/chat/completions \\
      -H "Content-Type: application/json" -H "Authorization: Bearer sk-1" \\
      -d '{"model": "gpt-4o", "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}]}'`);
    expect(spec).toMatchObject({ kind: "openai_chat", model: "gpt-4o", system_prompt: "Be kind.", auth: { type: "bearer" }, credential: "sk-1" });
    expect(spec?.headers).toBeUndefined();
  });
  it("takes Anthropic's key out of its header and leaves a shell's variable behind", () => {
    const spec = agentOf(`curl https://api.anthropic.com/v1/messages --header "x-api-key: $KEY" --header "anthropic-version: 2023-06-01" --data '{"model":"m","max_tokens":9,"system":"S"}'`);
    expect(spec).toMatchObject({ kind: "anthropic_messages", auth: { type: "header", name: "x-api-key" }, model: "m", max_tokens: 9, system_prompt: "S" });
    expect(spec?.credential).toBeUndefined();
    expect(spec?.headers).toBeUndefined();
  });
  it("makes a template of any other body", () => {
    expect(agentOf(`curl -X POST localhost:9/chat -H 'X-Team: qa' -d '{"question":"Hi?","user":1}'`)).toMatchObject({
      kind: "http", url: "http://localhost:9/chat", headers: { "X-Team": "qa" }, body_template: { question: "{{ input }}", user: 1 },
    });
  });
  it("refuses anything else", () => {
    for (const text of ["", "hello", "wget https://a", "curl", "curl -H"]) expect(agentOf(text)).toBeNull();
  });
});

it("templateOf replaces one text, wherever it lies", () => {
  expect(templateOf({ a: [{ text: "x" }, { text: "y" }] })).toEqual({ a: [{ text: "{{ input }}" }, { text: "y" }] });
});
