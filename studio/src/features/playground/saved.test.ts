import { expect, it } from "vitest";
import { settingsOf } from "./replay";
import { configOf, mayBeText, promptOf } from "./saved";
import { newPanel, NO_SETTINGS, said } from "./state";

const picture = { type: "image_url" as const, image_url: { url: "https://e.com/a.png" } };

it("makes a chat prompt of a conversation, and says what is left", () => {
  const panel = newPanel({ entries: [said("system", "S {{a}}"), { id: "p", place: "history" }, said("user", [{ type: "text", text: "x" }, picture, { type: "text", text: "y" }]), said("assistant", "", { calls: [{ name: "f" }] })] });
  expect(promptOf(panel, "text")).toEqual({
    prompt: [{ role: "system", content: "S {{a}}" }, { type: "placeholder", name: "history" }, { role: "user", content: "x\ny" }, { role: "assistant", content: "" }], left: { pictures: 1, calls: 1 },
  });
  expect(mayBeText(panel)).toBe(false);
});

it("makes a text of one word", () => {
  const panel = newPanel({ entries: [said("user", "Hi {{a}}")] });
  expect([promptOf(panel, "text").prompt, promptOf(panel, "chat").prompt]).toEqual(["Hi {{a}}", [{ role: "user", content: "Hi {{a}}" }]]);
});

it("keeps settings so that they can be read again", () => {
  const settings = { temperature: "0", max_tokens: "5", seed: "", schema: JSON.stringify({ type: "object" }, null, 2) };
  const config = configOf(newPanel({ settings }), { model: "gpt" });
  expect(config).toMatchObject({ model: "gpt", temperature: 0, max_tokens: 5 });
  expect(settingsOf(config)).toEqual({ settings: { temperature: "0", max_tokens: "5", schema: settings.schema }, lost: [] });
  expect(configOf(newPanel({ settings: NO_SETTINGS }), null)).toBeNull();
});
