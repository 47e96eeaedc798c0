import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "./browser";
import { budget } from "./budget";
import { builder } from "./builder";
import { data, type Data } from "./data";
import { scrolling } from "./lists";
import { openings } from "./opening";
import { finish } from "./report";
import { routes } from "./routes";

/** `ASSAY_BENCH_PARTS=routes,lists` measures these alone. */
const parts = process.env.ASSAY_BENCH_PARTS?.split(",").filter(Boolean) ?? [];
const part = (name: string) => test.runIf(parts.length === 0 || parts.includes(name));
const rounds = Number(process.env.ASSAY_BENCH_ROUNDS ?? 5);

let browser: Browser;
let made: Data;
beforeAll(async () => {
  made = await data();
  browser = await launch();
});
afterAll(async () => {
  const missed = finish(`Chromium ${browser.version()}`);
  await browser.close();
  if (process.env.ASSAY_BENCH_STRICT) expect(missed, "missed targets").toBe(0);
});

part("budget")("the scripts of a first visit", () => budget());
part("opening")("opening pages", () => openings(browser, made, rounds));
part("routes")("changing the page", () => routes(browser, rounds, process.env.ASSAY_BENCH_ENTRY));
part("lists")("scrolling lists", () => scrolling(browser, made, Math.min(rounds, 3), process.env.ASSAY_BENCH_LIST));
part("builder")("opening a graph", () => builder(browser, made, rounds));
