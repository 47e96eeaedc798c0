import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";

const need = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: see studio/README.md, "Measuring"`);
  return value;
};

/** Where the app is served from. */
export const BASE = process.env.ASSAY_STUDIO_URL ?? need("ASSAY_URL");
/** How much slower than it is the processor is made: what a cheap laptop has. */
export const SLOW = 4;
const token = () => Buffer.from(`${need("ASSAY_PUBLIC_KEY")}:${need("ASSAY_SECRET_KEY")}`).toString("base64");
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** Asks the API directly. */
export async function api<T>(method: string, path: string, body?: unknown, type = "application/json"): Promise<T> {
  const response = await fetch(new URL(path, need("ASSAY_URL")), {
    method,
    headers: { authorization: `Basic ${token()}`, ...(body === undefined ? {} : { "content-type": type }) },
    body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (response.status === 204 ? null : await response.json()) as T;
}

/** Starts the browser. */
export const launch = (): Promise<Browser> => chromium.launch({ executablePath: process.env.ASSAY_TEST_CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

/** A tab with nothing in its cache. */
export interface Tab {
  page: Page;
  devtools: CDPSession;
  /** How often the processor is slowed down. */
  slow(rate: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens a tab of its own profile, signed in unless said otherwise. What runs in the page is in `probe.ts`. */
export async function tab(browser: Browser, { signedIn = true, width = 1280, height = 800 } = {}): Promise<Tab> {
  const context: BrowserContext = await browser.newContext({ viewport: { width, height }, locale: "en-US", colorScheme: "light" });
  if (signedIn) await context.addInitScript((value) => sessionStorage.setItem("assay.credentials", value), token());
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const devtools = await context.newCDPSession(page);
  return { page, devtools, slow: async (rate) => { await devtools.send("Emulation.setCPUThrottlingRate", { rate }); }, close: () => context.close() };
}

/** The address of a page. */
export const at = (path: string): string => new URL(path, BASE).href;
