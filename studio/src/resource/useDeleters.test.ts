import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { deletersOf } from "./useDeleters";

test("who deleted last is told, alone or among many", () => {
  const entry = (at: string, actor_id: string, target_id: string, detail: unknown = {}) => ({ at, actor_id, target_id, detail }) as unknown as Schemas["AuditEntry"];
  const found = deletersOf([entry("2026-01-03", "c", "1"), entry("2026-01-02", "b", "", { ids: ["1", "2"] }), entry("2026-01-01", "a", "2")]);
  expect([...found]).toEqual([["2", "b"], ["1", "c"]]);
});
