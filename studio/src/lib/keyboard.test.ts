import { expect, it } from "vitest";
import { isTyping, nameOf } from "./keyboard";

const key = (key: string, more = {}) => nameOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });

it("names keys", () => {
  expect([key("K", { ctrlKey: true }), key("k", { metaKey: true }), key("?"), key("Enter", { ctrlKey: true }), key("x", { altKey: true })])
    .toEqual(["Mod+k", "Mod+k", "?", "Mod+Enter", "Alt+x"]);
});

it("knows where a person types", () => {
  expect([document.createElement("input"), document.createElement("select"), document.createElement("button")].map(isTyping)).toEqual([true, true, false]);
});
