import { expect, it } from "vitest";
import { type ResourceItem, type ResourceKind, specOf } from "./kind";

it("sends back what a client may write", () => {
  const kind = { readOnly: ["item_count"] } as unknown as ResourceKind<ResourceItem>;
  const item = { id: "1", name: "n", version: 2, created_at: "", updated_at: "", created_by: null, has_credential: true, item_count: 3, url: "u" };
  expect(specOf(kind, item)).toEqual({ name: "n", url: "u" });
});
