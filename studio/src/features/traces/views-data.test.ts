import { expect, test } from "vitest";
import { holds, type View, type ViewContent } from "./views-data";

test("a view holds what is shown, however it is written", () => {
  const view = { filter: [{ column: "level", type: "stringOptions", operator: "any of", value: ["ERROR"], key: null }], sort: null, columns: ["name", "cost"] } as unknown as View;
  const shown: ViewContent = { filter: [{ type: "stringOptions", column: "level", operator: "any of", value: ["ERROR"] }], sort: null, columns: ["cost", "name"] };
  expect(holds(view, shown)).toBe(true);
  expect(holds(view, { ...shown, sort: "-cost" })).toBe(false);
  expect(holds(view, { ...shown, filter: [] })).toBe(false);
  expect(holds(view, { ...shown, columns: ["name"] })).toBe(false);
});
