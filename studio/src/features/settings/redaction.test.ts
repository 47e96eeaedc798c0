import { expect, it } from "vitest";
import { ruleOf } from "./redaction";

it("names rules by what they find, each by a name of its own", () => {
  const first = ruleOf("credit_card", []);
  const second = ruleOf("credit_card", [first]);
  expect([first.name, second.name, ruleOf("credit_card", [first, second]).name]).toEqual(["credit-card", "credit-card-2", "credit-card-3"]);
  expect(first.fields).toContain("input");
});
