import { readFile } from "node:fs/promises";
import Papa from "papaparse";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SHOWS } from "./canary.shows";
import { everything, type Made, type Words } from "./everything";
import { withUser } from "./harness";
import { PAGES, placesOf } from "./places";
import { go, planted, saidOn, settling, tooWide } from "./walk";

const user = withUser();
const STAMP = Date.now().toString(36).slice(-4);
/** An address that nobody is at: what asks for it has taken a payload for its own. */
const ELSEWHERE = "evil.invalid";
/** What every field says, as a page must show it. */
const shown = (field: string) => `${field}.${STAMP} <img src=x onerror=window.__canary=1>`;
const short = (field: string) => `${shown(field)}"><svg onload=__canary=1>\u202e\u200b`;
const REST = [
  "[x](javascript:window.__canary=1) [y](data:text/html,<script>window.__canary=1</script>) [z][ref] [w]( java&#115;cript:window.__canary=1) <javascript:window.__canary=1>",
  `![p](https://${ELSEWHERE}/p.png) ![q](javascript:window.__canary=1) <https://${ELSEWHERE}/auto> https://${ELSEWHERE}/bare`,
  "[ref]: javascript:window.__canary=1",
  `<iframe src="javascript:window.__canary=1"></iframe><script>window.__canary=1</script><style>*{display:none}</style><a href="javascript:window.__canary=1" onclick="window.__canary=1">a</a><form action="javascript:window.__canary=1"><button>b</button></form>`,
  `</script></textarea></title><base href="https://${ELSEWHERE}/"><math><mi xlink:href="javascript:window.__canary=1">m</mi></math>\${7*7} #{7*7} \u202egnp.exe\u202c\u200b`,
  "W".repeat(400),
].join("\n\n");
const words: Words = { short, long: (field) => `${short(field)}\n\n${REST}`, url: (field) => `https://${ELSEWHERE}/${field}?"><img src=x onerror=window.__canary=1>` };

let made: Made = {};
let close = async () => {};
let settle: (ms?: number) => Promise<void>;
const foreign: string[] = [];
const dialogs: string[] = [];

beforeAll(async () => {
  const { context, page } = user();
  await user().signIn();
  settle = settling(page);
  const home = new URL(page.url()).host;
  context.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (/^(https?|wss?):/.test(protocol) && host !== home) foreign.push(request.url());
  });
  page.on("dialog", (dialog) => {
    // What the app itself asks when something is not saved.
    if (dialog.type() !== "beforeunload") dialogs.push(dialog.message());
    void dialog.accept();
  });
  // The builder asks what a scenario lacks while it is built.
  user().expectComplaint(/status of 422 .*\/dry-run/);
  ({ made, close } = await everything(user(), words, STAMP));
}, 120_000);
afterAll(() => close());

async function expectNothingRan(): Promise<void> {
  expect(await planted(user().page)).toEqual([]);
  expect(foreign).toEqual([]);
  expect(dialogs).toEqual([]);
  user().expectQuiet();
}

test("every page of the app has its place in the walk", () => {
  expect(Object.keys(placesOf({})).sort()).toEqual(PAGES.map((page) => page.path).sort());
});

test("the walk notices what a payload would make", async () => {
  const { page } = user();
  const plant = (tag: string, name: string, value: string) => page.evaluate(([tag, name, value]) => {
    const one = document.createElement(tag ?? "");
    one.setAttribute(name ?? "", value ?? "");
    document.body.append(one);
  }, [tag, name, value]);
  // Not a `script:` of any kind: the policy of the page would complain of it.
  for (const [tag, name, value] of [["iframe", "title", "x"], ["a", "href", "data:text/html,x"], ["base", "target", "x"]] as const) {
    await plant(tag, name, value);
    expect(await planted(page), tag).toHaveLength(1);
    await page.evaluate(() => document.body.lastElementChild?.remove());
  }
  expect(await planted(page)).toEqual([]);
});

test("a payload is text wherever it is shown", async () => {
  const { page } = user();
  const wrong: string[] = [];
  for (const [path, places] of Object.entries(placesOf(made))) {
    const missing = new Set((SHOWS[path] ?? "").trim().split(/\s+/).filter(Boolean));
    const look = async () => {
      for (const at of places) {
        await go(page, at);
        await settle().catch((error: unknown) => wrong.push(String(error)));
        const said = await saidOn(page);
        for (const field of missing) if (said.includes(shown(field))) missing.delete(field);
        for (const one of await planted(page)) wrong.push(`${at}: ${one}`);
        if (await tooWide(page)) wrong.push(`${at} is wider than the window`);
      }
    };
    await look();
    // What came late is there the second time.
    if (missing.size > 0) await look();
    if (missing.size > 0) wrong.push(`${path} does not show ${[...missing].join(", ")}`);
  }
  expect(wrong).toEqual([]);
  await expectNothingRan();
}, 170_000);

test("neither is it anything else in menus, dialogs, messages, and what is typed", async () => {
  const { page } = user();
  await user().open("/settings/keys");
  const name = short("key.name");
  await page.getByRole("button", { name: `What can be done with ${name}` }).click();
  await page.getByRole("menuitem", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByText(shown("key.name")).first().waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("region", { name: "Notifications" }).getByText(shown("key.name")).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("What do you want to do?").fill(words.long("typed"));
  await page.getByText("Nothing is called that").or(page.getByRole("dialog")).first().waitFor();
  await page.keyboard.press("Escape");
  await user().open("/campaigns/new");
  await page.getByRole("combobox", { name: "Add an agent" }).click();
  await page.getByPlaceholder("Add an agent").fill(shown("agent.name"));
  await page.getByRole("option").filter({ hasText: shown("agent.name") }).click();
  await page.getByText(shown("agent.name")).first().waitFor();
  await user().open(`/agents?q=${encodeURIComponent(words.short("nobody"))}`);
  await page.getByRole("searchbox").first().waitFor();
  await user().open(`/traces/${made.trace}`);
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByText(shown("share.note")).first().waitFor();
  await page.keyboard.press("Escape");
  // Where no page is, and where nothing of that id is.
  await go(page, `/${encodeURIComponent(words.short("missing"))}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await expectNothingRan();
});

test("files are called and written so that nothing takes them for more", async () => {
  const { page } = user();
  const saved = async (at: string, press: () => Promise<void>) => {
    await user().open(at);
    await settle();
    const [download] = await Promise.all([page.waitForEvent("download"), press()]);
    expect(download.suggestedFilename()).toMatch(/^[\p{L}\p{N}][\p{L}\p{N}._-]*\.(csv|json|jsonl|yaml|wasm)$/u);
    return readFile(await download.path(), "utf8");
  };
  const report = `/campaigns/${made.campaign}?tab=report`;
  const csv = await saved(report, () => page.getByRole("button", { name: "CSV of all runs" }).click());
  const cells = Papa.parse<string[]>(csv).data.flat();
  expect(cells).toContain(`'=1+1.${STAMP}`);
  expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  await saved(report, () => page.getByRole("button", { name: /JSON/ }).click());
  await saved(`/programs/${made.program}`, () => page.getByRole("button", { name: "Download" }).click());
  await expectNothingRan();
});

test("an address that is a script is refused", async () => {
  const refused = async (path: string, body: Record<string, unknown>, method = "POST") => {
    await expect(user().api(method, `/api/v1/${path}`, body)).rejects.toThrow(/: 422 /);
  };
  for (const url of ["javascript:window.__canary=1", " java\tscript:window.__canary=1", "data:text/html,<script>window.__canary=1</script>"]) {
    await refused("agents", { name: "x", kind: "openai_chat", url });
    await refused("models", { name: "x", base_url: url, model: "x" });
    await refused(`knowledge-bases/${made.base}/documents`, { name: "x", media_type: "text/html", source_url: url });
    await refused("ingest/destinations", { name: "x", kind: "otlp", url });
    await refused("alerts", { name: "x", window_minutes: 60, measure: { type: "latency" }, condition: { type: "threshold", aggregation: "mean", comparison: "above", value: 1 }, channels: [{ type: "webhook", url }] });
  }
});
