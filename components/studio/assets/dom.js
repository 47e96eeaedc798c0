// Building blocks of the page. Text only ever becomes a text node: no data can turn into markup.

/** An element; attributes that are null or false are left out, children that are null are too. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** A bar between two fractions of its track. */
export function track(from, to, bad) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("preserveAspectRatio", "none");
  const rect = document.createElementNS(SVG, "rect");
  const width = Math.max(to - from, 0.01);
  rect.setAttribute("x", `${(Math.min(from, 0.99) * 100).toFixed(2)}%`);
  rect.setAttribute("width", `${(width * 100).toFixed(2)}%`);
  rect.setAttribute("height", "100%");
  rect.setAttribute("rx", "3");
  if (bad) rect.setAttribute("class", "bad");
  svg.append(rect);
  return el("span", { class: "track" }, svg);
}

export const TONES = {
  passed: "good", completed: "", failed: "bad", error: "warn", inconclusive: "warn", running: "info", queued: "",
  cancelled: "",
};

/** A status as a pill. */
export function pill(status, text = status) {
  const live = status === "running" ? " live" : "";
  return el("span", { class: `pill ${TONES[status] ?? ""}${live}` }, el("span", { class: "dot" }), text);
}

export function skeleton() {
  return el("div", { class: "card", "aria-busy": "true" },
    el("div", { class: "skeleton" }, ...Array.from({ length: 6 }, () => el("span"))),
    el("span", { class: "visually-hidden" }, "Loading"));
}

export function empty(title, ...lines) {
  return el("div", { class: "card empty" }, el("h2", {}, title), ...lines);
}

export function failure(message, retry) {
  return el("div", { class: "card empty", role: "alert" }, el("h2", {}, "This could not be loaded"),
    el("p", {}, message), el("button", { class: "button quiet", type: "button", onclick: retry }, "Try again"));
}

const SPAN = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** A point in time, as how long ago it was; the exact one is its title. */
export function when(text) {
  const time = new Date(text);
  if (!text || Number.isNaN(time.getTime())) return el("span", { class: "soft" }, "–");
  const seconds = (time.getTime() - Date.now()) / 1000;
  const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60]].find(([, s]) => Math.abs(seconds) >= s)
    ?? ["second", 1];
  return el("time", { datetime: time.toISOString(), title: time.toLocaleString() },
    SPAN.format(Math.round(seconds / size), unit));
}

export const number = (value, digits = 0) =>
  typeof value === "number" && Number.isFinite(value)
    ? value.toLocaleString("en", { maximumFractionDigits: digits }) : "–";

export function duration(ms) {
  if (typeof ms !== "number" || !Number.isFinite(ms)) return "–";
  if (ms < 1) return "<1 ms";
  return ms < 1000 ? `${Math.round(ms)} ms` : `${number(ms / 1000, 2)} s`;
}

/** A value for reading: text as it is, JSON (also within text) indented. */
export function readable(value) {
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  if (/^\s*[[{]/.test(value)) {
    try {
      return JSON.stringify(JSON.parse(value), null, 2);
    } catch {
      // Text that merely begins like JSON.
    }
  }
  return value;
}

const CLIP = 20000;

export function block(title, value) {
  if (value === null || value === undefined || value === "") return null;
  const text = readable(value);
  const shown = text.length > CLIP ? `${text.slice(0, CLIP)}\n… ${number(text.length - CLIP)} more characters` : text;
  return el("div", { class: "block" }, el("h3", {}, title), el("pre", { tabindex: "0" }, shown));
}

/** Label and value in pairs; absent values are left out. */
export function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== "–");
  return known.length === 0 ? null
    : el("dl", { class: "facts" }, ...known.map(([key, value]) => el("div", {}, el("dt", {}, key), el("dd", {}, value))));
}
