import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";

const need = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: see studio/README.md, "Tests in a browser"`);
  return value;
};

const BASE = () => process.env.ASSAY_STUDIO_URL ?? need("ASSAY_URL");
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const SHOTS = fileURLToPath(new URL("../screenshots", import.meta.url));
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** A person at a browser. Whatever the page complains about in the console, or the policy refuses, fails the test. */
export class User {
  readonly #complaints: string[] = [];
  /** Requests that a test lets fail on purpose; the browser complains of every status that is not a success. */
  #expected: RegExp | null = null;

  constructor(readonly page: Page, readonly context: BrowserContext) {
    page.on("console", (message) => {
      const text = `${message.text()} ${message.location().url}`;
      if (message.type() === "error" && !this.#expected?.test(text)) this.#complaints.push(text);
    });
    page.on("pageerror", (error) => this.#complaints.push(String(error)));
  }

  /** Lets the console complain of this. */
  expectComplaint(pattern: RegExp): void {
    this.#expected = pattern;
  }

  /** Opens a path and waits for its heading. */
  async open(path: string): Promise<void> {
    await this.page.goto(new URL(path, BASE()).href);
    await this.page.getByRole("heading", { level: 1 }).and(this.page.locator(":not([aria-busy])")).waitFor();
  }

  /** Signs in with the key pair of the environment. */
  async signIn(): Promise<void> {
    await this.open("/sign-in");
    await this.page.getByLabel("Public key").fill(need("ASSAY_PUBLIC_KEY"));
    await this.page.getByLabel("Secret key").fill(need("ASSAY_SECRET_KEY"));
    await this.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await this.page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
  }

  /** Asks the API directly, to prepare and to look behind the page. */
  async api<T>(method: string, path: string, data?: unknown): Promise<T> {
    const pair = Buffer.from(`${need("ASSAY_PUBLIC_KEY")}:${need("ASSAY_SECRET_KEY")}`).toString("base64");
    const response = await this.context.request.fetch(new URL(path, BASE()).href, { method, data, headers: { authorization: `Basic ${pair}` } });
    if (!response.ok()) throw new Error(`${method} ${path}: ${response.status()} ${await response.text()}`);
    return (response.status() === 204 ? null : await response.json()) as T;
  }

  /** Fails on what the page complained of so far. */
  expectQuiet(): void {
    expect(this.#complaints, "the console").toEqual([]);
  }

  /** Fails on what the page complained of so far, and on what axe finds serious. */
  async expectWell(): Promise<void> {
    this.expectQuiet();
    // Evaluated, not added as a script, which the page's policy would refuse.
    const source = await import("node:fs/promises").then((fs) => fs.readFile(AXE, "utf8"));
    await this.page.evaluate(source);
    const found = await this.page.evaluate(async () => {
      type Axe = { run(options: unknown): Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] }> };
      const { violations } = await (window as unknown as { axe: Axe }).axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
      return violations
        .filter((one) => one.impact === "serious" || one.impact === "critical")
        .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary}`).join(" | ")}`);
    });
    expect(found, "axe").toEqual([]);
  }

  /** Checks the page and saves pictures of it in both themes: `screenshots/<name>-light.png` and `-dark.png`. */
  async shot(name: string): Promise<void> {
    mkdirSync(SHOTS, { recursive: true });
    for (const theme of ["light", "dark"] as const) {
      await this.page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      // Charts draw themselves anew, fonts come late.
      await this.page.evaluate(() => document.fonts.ready);
      await this.page.waitForTimeout(250);
      await this.page.screenshot({ path: `${SHOTS}/${name}-${theme}.png`, caret: "hide" });
      await this.expectWell();
    }
    await this.page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  }
}

/** A browser for the tests of a file; `user()` is the person at it. */
export function withUser(): () => User {
  let browser: Browser | undefined;
  let user: User | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: process.env.ASSAY_TEST_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-US", reducedMotion: "reduce", colorScheme: "light" });
    user = new User(await context.newPage(), context);
    user.page.setDefaultTimeout(15_000);
  });
  afterAll(() => browser?.close());
  return () => {
    if (!user) throw new Error("there is no browser yet");
    return user;
  };
}
