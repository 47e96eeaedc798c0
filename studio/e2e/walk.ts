import type { Page, Request } from "playwright-core";

/** How long the body of an answer may take. */
const BODY_MS = 400;
/** Streams stay open as long as a page does: nobody waits for their end. */
const STREAM = /\/(events|live)(\/|\?|$)/;

/** Waits until a page has nothing left to load: the answers are there, and nothing says that more will come. */
export function settling(page: Page): (ms?: number) => Promise<void> {
  /** What was asked for, and since when an answer has begun. The body of an answer that only says "yes" is never read to its end. */
  const open = new Map<Request, number>();
  let last = 0;
  const done = (request: Request) => {
    if (open.delete(request)) last = Date.now();
  };
  page.on("request", (request) => {
    if (!STREAM.test(request.url())) open.set(request, Infinity);
  });
  page.on("response", (response) => {
    if (open.has(response.request())) open.set(response.request(), Date.now());
  });
  page.on("requestfinished", done);
  page.on("requestfailed", done);
  return async (ms = 15_000) => {
    const end = Date.now() + ms;
    for (;;) {
      const waits = [...open].filter(([, since]) => since === Infinity || Date.now() - since < BODY_MS);
      const quiet = waits.length === 0 && Date.now() - last > 80;
      if (quiet && (await page.evaluate(() => document.querySelector("h1") !== null && document.querySelector("main .animate-pulse[style], main [role=status][aria-label]") === null))) return;
      if (Date.now() > end) throw new Error(`${page.url()} does not come to rest: ${waits.map(([one]) => one.url()).join(", ") || "something loads, or there is no heading"}`);
      await page.waitForTimeout(20);
    }
  };
}

/** Goes to an address within the app, as a link does: without loading it anew. */
export const go = (page: Page, at: string) => page.evaluate((to) => history.pushState({}, "", to), at);

/** All that a page says: its text, its title, what stands in fields and on controls; in shadow roots, too. */
export const saidOn = (page: Page) =>
  page.evaluate(() => {
    const said = [document.title, document.body.innerText];
    const walk = (root: ParentNode) => {
      for (const one of root.querySelectorAll<HTMLElement>("*")) {
        if (one instanceof HTMLInputElement || one instanceof HTMLTextAreaElement) said.push(one.value);
        else if (one instanceof HTMLOptionElement || one instanceof SVGElement) said.push(one.textContent ?? "");
        for (const name of ["title", "aria-label"]) if (one.hasAttribute(name)) said.push(one.getAttribute(name) ?? "");
        if (one.shadowRoot) {
          said.push(one.shadowRoot.textContent ?? "");
          walk(one.shadowRoot);
        }
      }
    };
    walk(document);
    return said.join("\n");
  });

/** Elements that only a text taken for markup could have made. */
export const planted = (page: Page) =>
  page.evaluate(() => {
    const found: string[] = [];
    if ("__canary" in window) found.push("a script of a payload has run");
    const walk = (root: ParentNode) => {
      for (const one of root.querySelectorAll<HTMLElement>("*")) {
        const told = one.outerHTML.slice(0, 200);
        const attributes = [...one.attributes];
        if (attributes.some(({ name }) => name.startsWith("on"))) found.push(told);
        if (attributes.some(({ name, value }) => /^(xlink:)?(href|action|formaction|data|srcdoc)$/.test(name) && /^[\s\u0000-\u001f]*(javascript|vbscript|data)\s*:/i.test(value.replaceAll(/[\t\n\r]/g, "")))) found.push(told);
        if (/^(iframe|frame|object|embed|base|math|marquee|applet)$/i.test(one.tagName)) found.push(told);
        if (one instanceof HTMLScriptElement && (one.textContent !== "" || new URL(one.src).origin !== location.origin)) found.push(told);
        if ((one instanceof HTMLImageElement || one instanceof HTMLMediaElement) && /^https?:/.test(one.src) && (new URL(one.src).origin !== location.origin || one.getAttribute("src") === "x")) found.push(told);
        if (one instanceof HTMLAnchorElement && one.host !== location.host && /^https?:/.test(one.protocol) && one.target === "_blank" && !/noopener|noreferrer/.test(one.rel)) found.push(`without noopener: ${told}`);
        if (one.shadowRoot) walk(one.shadowRoot);
      }
    };
    walk(document);
    return found;
  });

/** Whether the page as a whole scrolls sideways. */
export const tooWide = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1);
