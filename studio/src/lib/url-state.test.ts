import { expect, it } from "vitest";
import { parseSearch, stringifySearch } from "./url-state";

it("keeps texts as they are", () => {
  const search = { q: "a b & c=d", version: "1", flag: "true" };
  expect(parseSearch(stringifySearch(search))).toEqual(search);
  expect(stringifySearch({ q: "", n: undefined })).toBe("");
});
