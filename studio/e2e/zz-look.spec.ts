import { readFileSync } from "node:fs";
import { test } from "vitest";
import { withUser } from "./harness";
const user = withUser();
test("look", async () => {
  await user().signIn();
  const { page } = user();
  const list = JSON.parse(readFileSync("/tmp/s1-look.json", "utf8")) as { path: string; name: string; theme?: "dark" | "light"; width?: number; height?: number; lang?: string; click?: string[] }[];
  const complaints: string[] = [];
  page.on("console", (m) => { if (m.type() === "error") complaints.push(m.text() + m.location().url); });
  page.on("pageerror", (e) => complaints.push(String(e)));
  for (const one of list) {
    await page.setViewportSize({ width: one.width ?? 1280, height: one.height ?? 800 });
    await page.emulateMedia({ colorScheme: one.theme ?? "light", reducedMotion: "reduce" });
    await page.evaluate((lang) => localStorage.setItem("assay.language", lang), one.lang ?? "en");
    await user().open(one.path);
    await page.waitForTimeout(1200);
    for (const click of one.click ?? []) { await page.getByRole("button", { name: click }).or(page.getByRole("tab", { name: click })).first().click(); await page.waitForTimeout(500); }
    await page.screenshot({ path: `/tmp/s1-shots/${one.name}.png` });
    try { await user().expectWell(); } catch (e) { console.log(one.name, JSON.stringify((e as { actual?: unknown }).actual)); }
    if (complaints.length) console.log(one.name, complaints.splice(0));
  }
}, 120000);
