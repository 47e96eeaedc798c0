import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Permission } from "@/api/client";
import { neededFor } from "@/app/needed";
import { everything, type Made, plainWords } from "./everything";
import { withUser } from "./harness";
import { PAGES, placesOf } from "./places";
import { go, settling } from "./walk";

const user = withUser();
const STAMP = Date.now().toString(36).slice(-4);
const words = plainWords(STAMP);
const say = words.short;
let made: Made = {};
let close = async () => {};

beforeAll(async () => {
  await user().signIn();
  ({ made, close } = await everything(user(), words, STAMP));
}, 120_000);
afterAll(() => close());

/** Somebody else at a browser of their own, with a key that may do this much. */
async function somebody(key: { role: string; scopes?: Permission[] }): Promise<{ context: BrowserContext; permissions: Permission[] }> {
  const { public_key, secret_key } = await user().api<{ public_key: string; secret_key: string }>("POST", "/api/v1/api-keys", { name: say("key.of"), ...key });
  const pair = Buffer.from(`${public_key}:${secret_key}`).toString("base64");
  const context = await user().context.browser()!.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-US", reducedMotion: "reduce" });
  await context.addInitScript((token) => sessionStorage.setItem("assay.credentials", token), pair);
  const me = await context.request.get(new URL("/api/v1/me", process.env.ASSAY_URL).href, { headers: { authorization: `Basic ${pair}` } });
  return { context, permissions: ((await me.json()) as { permissions: Permission[] }).permissions };
}

/** What is offered in the page, by name: what cannot be pressed is not. */
const offered = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("main :is(button, a[href])")]
      .filter((one) => !one.matches(":disabled, [aria-disabled=true]") && one.checkVisibility())
      .map((one) => (one.getAttribute("aria-label") ?? one.innerText).trim()));

/** Actions by the permission that the API asks of them. */
const ACTIONS: [Permission, RegExp][] = [
  ["resources_write", /^New (agent|alert|dataset|knowledge base|label schema|metric|model|persona|program|prompt|queue|rule|scenario|secret)$/],
  ["resources_write", /^(Import|Duplicate|Save|Create|Delete|Delete rows|Assign|Choose files|Try the channels|Remove the stored value|Calibrate a judge)$/],
  ["resources_write", /^Add (a channel|a document|a fact|a label|a message|a row|an item|items|somebody|to dataset|to review queue)$/],
  ["campaigns_run", /^(New campaign|New hook|New schedule|Run again|Run it|Start now|Use as template|Edit and fork|Start the campaign)$/],
  ["evaluations_run", /^(Score it|Send|Evaluate older traces)$/],
  ["traces_write", /^(Share|Delete all data)$/],
  ["scores_write", /^(Give a score|Start reviewing|Override|Withdraw|Answer and next|Say otherwise: .*|Comment)$/],
  ["members_manage", /^Invite somebody$/],
  ["roles_manage", /^New role$/],
  ["api_keys_manage", /^(New key|New service account)$/],
  ["workspace_manage", /^(New destination|Add what is common|Test)$/],
];

const TABS = 3;

/** Walks all pages as somebody, and tells what is wrong, and what was offered. */
async function walkAs({ context, permissions }: Awaited<ReturnType<typeof somebody>>, { every = false, under = "/" }): Promise<{ wrong: string[]; seen: Set<string> }> {
  const wrong: string[] = [];
  const seen = new Set<string>();
  const left = PAGES.filter((one) => !one.open && one.path.startsWith(under)).flatMap((entry) => (placesOf(made)[entry.path] ?? []).slice(0, every ? undefined : 1).map((at) => ({ entry, at })));
  const walk = async () => {
    const page = await context.newPage();
    const settle = settling(page);
    page.on("response", (response) => {
      if (response.status() === 403) wrong.push(`${page.url()} asks what it may not: ${response.url()}`);
    });
    page.on("pageerror", (error) => wrong.push(`${page.url()}: ${String(error)}`));
    await page.goto(new URL("/profile", user().page.url()).href);
    for (let next = left.shift(); next; next = left.shift()) {
      const { entry, at } = next;
      await go(page, at);
      await settle(8000).catch((error: unknown) => wrong.push(String(error)));
      const need = neededFor(entry);
      if (need) {
        const may = permissions.includes(need);
        const state = page.getByText("You may not see this").first();
        // The page before stays until the next one is there.
        await state.waitFor({ state: may ? "detached" : "attached", timeout: 5000 })
          .catch(() => wrong.push(`${at} ${may ? "is refused" : "is shown"}; it needs ${need}`));
      }
      for (const name of await offered(page)) {
        for (const [permission, action] of ACTIONS) {
          if (!action.test(name)) continue;
          seen.add(String(action));
          if (!permissions.includes(permission)) wrong.push(`${at} offers ${name}, which needs ${permission}`);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: TABS }, walk));
  await context.close();
  return { wrong, seen };
}

/** How far each role is walked: all parts of pages for who may least and most; an editor is no admin in the settings alone. */
const ROLES = { admin: { every: true }, editor: { under: "/settings" }, reviewer: {}, viewer: { every: true } };

for (const [role, how] of Object.entries(ROLES)) {
  test(`of ${role}s nothing is asked that they may not do`, async () => {
    const { wrong, seen } = await walkAs(await somebody({ role }), how);
    expect(wrong).toEqual([]);
    // Each action is there for who may do it, so that the list above is of names that there are.
    if (role === "admin") expect(ACTIONS.map(([, action]) => String(action)).filter((action) => !seen.has(action))).toEqual([]);
  }, 120_000);
}

for (const scope of ["traces_read", "resources_read", "campaigns_read"] satisfies Permission[]) {
  test(`a key that may ${scope} alone sees just that`, async () => {
    const { wrong } = await walkAs(await somebody({ role: "viewer", scopes: ["workspace_read", scope] }), {});
    expect(wrong).toEqual([]);
  }, 120_000);
}
