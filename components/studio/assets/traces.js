// One trace: its observations as a tree over time, and its scores.

import { get } from "./api.js";
import { block, duration, el, empty, facts, number, pill, track, when } from "./dom.js";

const millis = (text) => (text ? new Date(text).getTime() : NaN);

/** Children by parent, roots first; parents that never arrived make their children roots, and no cycle is followed. */
function forest(observations) {
  const known = new Map(observations.map((o) => [o.id, { o, children: [] }]));
  const roots = [];
  for (const node of known.values()) {
    const parent = node.o.parent_id === node.o.id ? undefined : known.get(node.o.parent_id);
    if (parent) parent.children.push(node);
    else roots.push(node);
  }
  const byStart = (a, b) => String(a.o.start_time).localeCompare(String(b.o.start_time));
  const reached = new Set();
  const visit = (node) => {
    reached.add(node);
    node.children.sort(byStart);
    node.children.filter((child) => !reached.has(child)).forEach(visit);
  };
  roots.sort(byStart).forEach(visit);
  for (const node of known.values()) {
    if (reached.has(node)) continue;
    // Parents in a circle: shown flat.
    roots.push({ o: node.o, children: [] });
  }
  return roots;
}

const MAX_DEPTH = 40;

function branch(node, scale, depth, scores) {
  const { o } = node;
  const [start, end] = [millis(o.start_time), millis(o.end_time)];
  const at = (t) => Math.min(Math.max((t - scale.start) / scale.span, 0), 1);
  const bad = o.level === "ERROR";
  const kind = String(o.type ?? "SPAN");
  const usage = o.usage ? `${number(o.usage.input)} in, ${number(o.usage.output)} out` : null;
  const own = scores.filter((s) => s.observation_id === o.id);
  const summary = el("summary", {},
    el("span", { class: `kind ${kind.toLowerCase()}` }, kind.toLowerCase()),
    el("span", { class: "name", title: o.name }, o.name || o.id),
    el("span", { class: "soft nowrap" }, bad ? pill("failed", "error") : null, " ",
      Number.isFinite(end) ? duration(end - start) : "open"),
    Number.isFinite(start) ? track(at(start), Number.isFinite(end) ? at(end) : 1, bad) : el("span"));
  const detail = el("div", { class: "detail" },
    facts([["Model", o.model], ["Tokens", usage], ["Cost", typeof o.cost_usd === "number" ? `$${number(o.cost_usd, 6)}` : null],
      ["Level", o.level === "DEFAULT" ? null : o.level], ["Message", o.status_message], ["Id", o.id]]),
    block("Input", o.input), block("Output", o.output), block("Parameters", o.model_parameters),
    own.length ? scoreList(own) : null, block("Metadata", o.metadata));
  const children = depth < MAX_DEPTH ? node.children.map((child) => branch(child, scale, depth + 1, scores))
    : node.children.length ? [el("li", { class: "soft" }, `${number(node.children.length)} deeper observations`)] : [];
  return el("li", {}, el("details", { class: "node", "data-key": o.id }, summary, detail),
    children.length ? el("ul", {}, ...children) : null);
}

function scoreList(scores) {
  return el("ul", { class: "scores" }, ...scores.map((s) => el("li", {},
    el("span", { class: "mark", "aria-hidden": "true" }, "•"),
    el("span", {}, el("span", { class: "strong" }, s.name), " ",
      s.string_value ?? (typeof s.value === "number" ? number(s.value, 3) : "–"), " ",
      el("span", { class: "soft" }, String(s.source ?? "").toLowerCase())),
    s.comment ? el("span", { class: "reason" }, s.comment) : null)));
}

export async function trace(id, signal) {
  const t = await get(`/api/v1/traces/${encodeURIComponent(id)}`, signal);
  const observations = Array.isArray(t.observations) ? t.observations : [];
  const scores = Array.isArray(t.scores) ? t.scores : [];
  const starts = observations.map((o) => millis(o.start_time)).filter(Number.isFinite);
  const ends = observations.map((o) => millis(o.end_time)).filter(Number.isFinite);
  const min = (list) => list.reduce((a, b) => Math.min(a, b), Infinity);
  const max = (list) => list.reduce((a, b) => Math.max(a, b), -Infinity);
  const scale = { start: min(starts), span: Math.max(max([...ends, ...starts]) - min(starts), 1) };
  const name = t.name || "Unnamed trace";
  const whole = scores.filter((s) => !s.observation_id);
  const node = el("div", { class: "stack" },
    el("div", {}, el("div", { class: "crumbs" }, el("a", { href: "#/" }, "Campaigns"), " / Trace"),
      el("h1", {}, name), el("p", { class: "sub" }, when(t.timestamp), ", ", el("span", { class: "mono" }, t.id ?? id))),
    el("div", { class: "card pad stack" },
      facts([["Duration", starts.length ? duration(scale.span) : null], ["Observations", number(observations.length)],
        ["User", t.user_id], ["Session", t.session_id], ["Environment", t.environment], ["Release", t.release],
        ["Tags", (t.tags ?? []).join(", ")]]),
      block("Input", t.input), block("Output", t.output)),
    whole.length ? el("section", { class: "card pad stack" }, el("h2", {}, "Scores"), scoreList(whole)) : null,
    el("section", { class: "stack" }, el("h2", {}, "Observations"),
      observations.length ? el("div", { class: "card pad" },
        el("ul", { class: "tree" }, ...forest(observations).map((root) => branch(root, scale, 0, scores))))
        : empty("No observations", el("p", {}, "They may still be on their way."))));
  const live = observations.length === 0 || observations.some((o) => !o.end_time);
  return { title: name, node, live };
}
