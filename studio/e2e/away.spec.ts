import type { Page, Route } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
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
let settle: (ms?: number) => Promise<void>;

beforeAll(async () => {
  await user().signIn();
  settle = settling(user().page);
  user().expectComplaint(/Failed to load resource|net::ERR|status of (401|503|422)|dynamically imported module|^ApiError/);
  ({ made, close } = await everything(user(), words, STAMP));
}, 120_000);
afterAll(() => close());

const banner = (page: Page) => page.getByRole("alert").filter({ hasText: "The platform cannot be reached. What you see may be old" });
const offline = (away: boolean) => user().context.setOffline(away);
const problem = (status: number) => (route: Route) => route.fulfill({
  status, contentType: "application/problem+json", body: JSON.stringify({ type: "urn:assay:problem:away", title: "Away", status, detail: "The store is away for a moment.", request_id: "request-of-the-test" }),
});
/** What all pages ask first, who is there, is answered. */
const DATA = /\/api\/(?!v1\/(me|auth)(\?|\/|$)).*/;

/** A page of each kind: how it is met, and what shows that its data are there. */
const KINDS: [string, () => string, (page: Page) => Promise<void>][] = [
  ["list", () => `/agents?q=${STAMP}`, (page) => page.getByRole("link", { name: say("agent.name") }).waitFor()],
  ["detail", () => `/campaigns/${made.campaign}`, (page) => page.getByRole("heading", { level: 1, name: say("campaign.name") }).waitFor()],
  ["live stream", () => `/console?run=${made.waiting}`, (page) => page.getByRole("log").waitFor()],
  ["chart", () => "/analytics", (page) => page.getByRole("heading", { level: 1, name: "Analytics" }).waitFor()],
  ["builder", () => `/scenarios/${made.scenario}`, (page) => page.locator(".react-flow__node").first().waitFor()],
];

test.each(KINDS)("a %s says that nothing answers, and goes on by itself", async (_, at, there) => {
  const { page } = user();
  await user().open(at());
  await there(page);
  await offline(true);
  await banner(page).waitFor();
  // What was there is there still.
  await there(page);
  await offline(false);
  await banner(page).waitFor({ state: "detached" });
  await there(page);
});

test("a page whose code is not there yet says so, and comes when it can be had", async () => {
  const { page } = user();
  await user().open("/profile");
  await settle();
  await offline(true);
  await banner(page).waitFor();
  // Not in the navigation: what is there is loaded ahead, as soon as there is time.
  await go(page, "/programs/new");
  await page.getByRole("heading", { level: 1, name: "The platform cannot be reached" }).waitFor();
  await page.getByRole("button", { name: "Try again" }).waitFor();
  await user().shot("away");
  await offline(false);
  await page.getByRole("heading", { level: 1, name: "New program" }).waitFor();
});

test("nothing typed is lost while nothing answers", async () => {
  const { page } = user();
  page.on("dialog", (dialog) => void dialog.accept());
  await user().open("/personas/new");
  await page.getByRole("textbox", { name: /^Name/ }).first().fill(say("typed"));
  await offline(true);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("alert").filter({ hasText: /^The platform cannot be reached$/ }).waitFor();
  expect(await page.getByRole("textbox", { name: /^Name/ }).first().inputValue()).toBe(say("typed"));
  await offline(false);
  await banner(page).waitFor({ state: "detached" });
  expect(await page.getByRole("textbox", { name: /^Name/ }).first().inputValue()).toBe(say("typed"));
  await page.route(DATA, problem(503));
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("alert").filter({ hasText: "The store is away for a moment." }).waitFor();
  expect(await page.getByRole("textbox", { name: /^Name/ }).first().inputValue()).toBe(say("typed"));
  await page.unroute(DATA);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: say("typed") }).waitFor();
});

test("a stream that broke off goes on where it was", async () => {
  const { page } = user();
  const asked: (string | undefined)[] = [];
  page.on("request", (request) => {
    if (request.url().includes(`/runs/${made.waiting}/events`)) asked.push(request.headers()["last-event-id"]);
  });
  // Of the API: the app has a file of this name.
  const events = /\/api\/.*\/events/;
  await page.route(events, problem(503));
  await user().open(`/console?run=${made.waiting}`);
  await expect.poll(() => asked.length, { timeout: 30_000 }).toBeGreaterThan(1);
  await page.unroute(events);
  await page.getByRole("log").getByText(say("agent.answer")).first().waitFor();
});

/** The session ends at what `ask` asks of the server; whoever it was signs in again. */
async function signInAgain(ask: () => Promise<void>): Promise<void> {
  const { page } = user();
  await page.route(DATA, problem(401));
  await ask();
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  await page.unroute(DATA);
  await page.getByLabel("Public key").fill(process.env.ASSAY_PUBLIC_KEY ?? "");
  await page.getByLabel("Secret key").fill(process.env.ASSAY_SECRET_KEY ?? "");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("who is not signed in any more signs in, and is where they were with what they typed", async () => {
  const { page } = user();
  await user().open("/agents/new?from=here");
  await page.getByRole("textbox", { name: /^Name/ }).first().fill(say("unsaved"));
  await signInAgain(() => page.getByRole("button", { name: "Create" }).click());
  await page.getByRole("heading", { level: 1, name: "New agent" }).waitFor();
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe("/agents/new?from=here");
  expect(await page.getByRole("textbox", { name: /^Name/ }).first().inputValue()).toBe(say("unsaved"));
});

test("a campaign in the making outlives the session", async () => {
  const { page } = user();
  await user().open("/campaigns/new?step=run");
  await page.getByLabel("Repetitions of each item").fill("7");
  await signInAgain(() => page.getByRole("button", { name: "Start the campaign" }).first().click());
  await page.getByRole("heading", { level: 1, name: "New campaign" }).waitFor();
  expect(await page.getByLabel("Repetitions of each item").inputValue()).toBe("7");
});

test("cells that are not saved outlive the session, and can be taken back", async () => {
  const { page } = user();
  await user().open(`/datasets/${made.dataset}`);
  await page.getByRole("gridcell", { name: say("item.input"), exact: true }).click();
  await page.keyboard.type(say("unsaved cell"));
  await page.keyboard.press("Enter");
  await page.getByText("1 change", { exact: true }).waitFor();
  await signInAgain(() => page.keyboard.press("Control+Enter"));
  await page.getByRole("gridcell", { name: say("unsaved cell") }).waitFor();
  await page.getByText("1 change", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("gridcell", { name: say("unsaved cell") }).waitFor({ state: "detached" });
});

test("who is there cannot be told: that is said, and asked again at a button", async () => {
  const { page } = user();
  await page.route(/\/api\/v1\/me/, problem(503));
  await page.goto(new URL("/agents", page.url()).href);
  await page.getByRole("heading", { level: 1, name: "This did not work" }).waitFor();
  await page.unroute(/\/api\/v1\/me/);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
});

/** Pages that show something without an answer of the API: forms, and what asks only when something is done. */
const NEEDS_NOTHING = new Set(["/sign-in", "/invitation", "/profile"]);

test("every page says what fails, and none is blank", async () => {
  const { context } = user();
  await context.addInitScript((token) => sessionStorage.setItem("assay.credentials", token), await user().page.evaluate(() => sessionStorage.getItem("assay.credentials") ?? ""));
  const left = PAGES.filter((one) => !NEEDS_NOTHING.has(one.path)).map((one) => ({ path: one.path, at: placesOf(made)[one.path]?.[0] ?? "" }));
  const wrong: string[] = [];
  const walk = async () => {
    const page = await context.newPage();
    page.on("pageerror", (error) => wrong.push(`${page.url()}: ${String(error)}`));
    await page.goto(new URL("/profile", user().page.url()).href);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.route(DATA, problem(503));
    for (let next = left.shift(); next; next = left.shift()) {
      const { path, at } = next;
      await go(page, at);
      const form = path.endsWith("/new") || path === "/welcome";
      const told = page.getByText("The store is away for a moment.").or(page.getByText("This did not work")).first();
      // A form may be filled in whatever fails; it must be there.
      await (form ? told.or(page.locator("main form, main .react-flow, main button").first()).first() : told).waitFor({ timeout: 20_000 }).catch(() => wrong.push(`${at} does not say that it failed`));
      const headings = page.getByRole("heading", { level: 1 });
      await headings.first().waitFor().catch(() => undefined);
      if ((await headings.count()) !== 1) wrong.push(`${at} has ${await headings.count()} first headings`);
    }
    await page.close();
  };
  // Most of the time is waiting for the app to try again.
  await Promise.all(Array.from({ length: 8 }, walk));
  expect(wrong).toEqual([]);
}, 150_000);
