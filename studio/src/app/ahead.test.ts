import { expect, test } from "vitest";
import { pageAt } from "./ahead";
import type { PageEntry } from "./feature";

const page = (path: string): PageEntry => ({ path, load: () => Promise.reject(new Error(path)) });
const pages = ["/", "/agents", "/agents/$id", "/agents/new", "/campaigns/$id/compare"].map(page);

test("the page that an address names", () => {
  const at = (path: string) => pageAt(path, pages)?.path;
  expect(at("/")).toBe("/");
  expect(at("/agents/")).toBe("/agents");
  expect(at("/agents/7")).toBe("/agents/$id");
  expect(at("/agents/new")).toBe("/agents/new");
  expect(at("/campaigns/7/compare")).toBe("/campaigns/$id/compare");
  expect(at("/nowhere/at/all")).toBeUndefined();
});

test("every entry of the navigation names a page", async () => {
  const { features } = await import("./features");
  for (const entry of features.flatMap((feature) => feature.nav ?? [])) expect(pageAt(entry.to)?.path, entry.to).toBe(entry.to);
});
