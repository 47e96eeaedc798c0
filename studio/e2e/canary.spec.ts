import { afterAll, beforeAll, expect, test } from "vitest";
import { everything, type Made, type Words } from "./everything";
import { withUser } from "./harness";
import { PAGES, placesOf } from "./places";
import { go, planted, saidOn, settling } from "./walk";

const user = withUser();
const STAMP = Date.now().toString(36).slice(-4);
/** Of an address that nobody is at: what asks for it has taken a payload for its own. */
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
let close = () => {};
const foreign: string[] = [];
const dialogs: string[] = [];

beforeAll(async () => {
  const { context, page } = user();
  await user().signIn();
  const home = new URL(page.url()).host;
  context.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (/^(https?|wss?):/.test(protocol) && host !== home) foreign.push(request.url());
  });
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  ({ made, close } = await everything(user(), words, STAMP));
}, 120_000);
afterAll(() => close());

test("every page of the app has its place in the walk", () => {
  expect(Object.keys(placesOf({})).sort()).toEqual(PAGES.map((page) => page.path).sort());
});

test("a payload is text wherever it is shown", async () => {
  const { page } = user();
  const settle = settling(page);
  const wrong: string[] = [];
  for (const [path, places] of Object.entries(placesOf(made))) {
    for (const { at, shows = [] } of places) {
      if (path === "/") await user().open(at);
      else await go(page, at);
      const t0 = Date.now(); await settle(4000).catch((error) => { wrong.push(String(error)); if (process.env.LEARN) console.log("LEARNX", String(error)); }); if (process.env.LEARN) console.log("LEARNT", at, Date.now() - t0);
      const said = await saidOn(page);
      if (process.env.LEARN) {
        const all = [...new Set([...said.matchAll(new RegExp(`([a-z]+\\.[a-z0-9]+)\\.${STAMP} <img src=x onerror=window.__canary=1>`, "g"))].map((one) => one[1]))];
        console.log("LEARN", JSON.stringify([path, at, all]));
      }
      for (const field of shows) if (!said.includes(shown(field))) wrong.push(`${at} does not show ${field}`);
      for (const one of await planted(page)) wrong.push(`${at}: ${one}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (overflow > 1) {
        const who = await page.evaluate(() => [...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && ![...one.children].some((child) => child.getBoundingClientRect().right > innerWidth + 1)).slice(0, 2).map((one) => `${one.tagName} ${one.className} < ${one.parentElement?.tagName} ${one.parentElement?.className} < ${one.parentElement?.parentElement?.tagName} ${one.parentElement?.parentElement?.className} :: ${one.textContent?.slice(0, 20)}`));
        wrong.push(`${at} is ${overflow} pixels too wide ${process.env.LEARN ? who.join(" || ") : ""}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(foreign).toEqual([]);
  expect(dialogs).toEqual([]);
  user().expectQuiet();
}, 170_000);
