import { expect, test } from "vitest";
import { asText, converted, filledIn, labelsOf, pieces, variablesOf } from "./kind";

test("variables are what the API finds", () => {
  expect(variablesOf("Hi {{ name }}, {{city}} {{name}} {{ a b }} {{}} {{open")).toEqual(["city", "name"]);
  expect(variablesOf([{ role: "user", content: "{{b.c}}" }, { type: "placeholder", name: "x" }])).toEqual(["b.c"]);
  expect(["{{ {{x}}", "{{{x}}}", "{{{{x}}}}", "{{a}b}}", "{{\n tên \n}}", "{{a}}{{{b}}}"].map(variablesOf)).toEqual([["x"], [], ["x"], [], ["tên"], ["a"]]);
});

test("variables are filled in, and what has no value stays to be seen", () => {
  expect(pieces("Hi {{ name }} of {{city}}!", { name: "An" })).toEqual([
    { text: "Hi " }, { text: "An", variable: "name" }, { text: " of " }, { text: "{{city}}", variable: "city", missing: true }, { text: "!" },
  ]);
  expect(filledIn([{ role: "user", content: "{{q}}" }, { type: "placeholder", name: "h" }], { q: "$& <b>" })).toEqual([{ role: "user", content: "$& <b>" }, { type: "placeholder", name: "h" }]);
});

test("a text becomes a chat and back", () => {
  expect(converted("Be brief.", "chat")).toEqual([{ role: "system", content: "Be brief." }]);
  expect(converted([{ role: "system", content: "A" }, { role: "user", content: "B" }], "text")).toBe("A\n\nB");
  expect(asText([{ role: "system", content: "A" }, { type: "placeholder", name: "h" }])).toBe("# system\nA\n\n[h]");
});

test("the labels of a version", () => expect(labelsOf({ production: 2, latest: 2, canary: 1, a: 2 }, 2)).toEqual(["a", "production"]));
