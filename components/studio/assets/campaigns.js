// The list of campaigns, and one campaign with its runs.

import { get, getAll } from "./api.js";
import { duration, el, empty, number, pill, when } from "./dom.js";

const link = (kind, id, ...children) => el("a", { href: `#/${kind}/${encodeURIComponent(id)}` }, ...children);

function progress(summary) {
  const total = summary.total || 0;
  const parts = [["passed", "good"], ["failed", "bad"], ["error", "warn"], ["running", "info"]];
  const bar = el("div", { class: "progress", "aria-hidden": "true" });
  for (const [key, tone] of parts) {
    if (!summary[key]) continue;
    const part = el("i", { class: tone });
    part.style.width = `${(summary[key] / total) * 100}%`;
    bar.append(part);
  }
  const words = [["passed", "passed"], ["failed", "failed"], ["error", "not scored"], ["running", "running"],
    ["queued", "waiting"], ["cancelled", "cancelled"]]
    .filter(([key]) => summary[key]).map(([key, word]) => `${number(summary[key])} ${word}`);
  return el("div", {}, bar, el("div", { class: "legend" }, words.join(", ") || "no runs yet"));
}

const finished = (status) => status === "completed" || status === "cancelled";
const passRate = (s) => (s.passed + s.failed > 0 ? `${number((100 * s.passed) / (s.passed + s.failed), 1)}%` : "–");
const VERDICTS = { passed: "Gate passed", failed: "Gate failed", inconclusive: "Inconclusive" };

const verdict = (c) => (c.verdict ? pill(c.verdict, VERDICTS[c.verdict] ?? c.verdict)
  : el("span", { class: "soft" }, finished(c.status) ? "No verdict" : "Verdict pending"));

export async function campaigns(_id, signal) {
  const page = await get("/api/v1/campaigns?limit=20", signal);
  const rows = Array.isArray(page.data) ? page.data : [];
  const head = el("div", { class: "head" }, el("div", {}, el("h1", {}, "Campaigns"),
    el("p", { class: "sub" }, "Each runs an agent over test cases and scores every answer.")));
  if (rows.length === 0) {
    return { title: "Campaigns", node: el("div", { class: "stack" }, head, empty("No campaigns yet",
      el("p", {}, "Run one from the command line, and it appears here."),
      el("pre", {}, "assay run --target URL --dataset examples/support.jsonl"))), live: true };
  }
  const body = rows.map((c) => {
    const summary = c.summary ?? {};
    return el("tr", {},
      el("td", { "data-label": "Campaign" }, el("span", { class: "strong" }, link("campaigns", c.id, c.name || c.id))),
      el("td", { "data-label": "Status" }, pill(c.status)),
      el("td", { "data-label": "Runs" }, progress(summary)),
      el("td", { class: "num", "data-label": "Pass rate" }, passRate(summary)),
      el("td", { "data-label": "Verdict" }, verdict(c)),
      el("td", { class: "nowrap soft", "data-label": "Started" }, when(c.created_at)));
  });
  const table = el("table", { class: "rows" },
    el("caption", { class: "visually-hidden" }, "Campaigns, newest first"),
    el("thead", {}, el("tr", {}, ...["Campaign", "Status", "Runs"].map((t) => el("th", { scope: "col" }, t)),
      el("th", { scope: "col", class: "num" }, "Pass rate"), ...["Verdict", "Started"].map((t) => el("th", { scope: "col" }, t)))),
    el("tbody", {}, ...body));
  const more = page.next_cursor ? el("p", { class: "sub" }, "The newest 20 are shown.") : null;
  return { title: "Campaigns", node: el("div", { class: "stack" }, head,
    el("div", { class: "card scroll" }, table), more), live: rows.some((c) => !finished(c.status)) };
}

const MARKS = { passed: ["✓", "good"], failed: ["✕", "bad"], error: ["!", "warn"], skipped: ["–", ""] };

function scores(run) {
  const items = (run.scores ?? []).map((s) => {
    const [sign, tone] = MARKS[s.status] ?? ["?", ""];
    const value = typeof s.score === "number" ? ` ${number(s.score, 2)}, needs ${number(s.threshold, 2)}` : "";
    return el("li", {}, el("span", { class: `mark ${tone}`, "aria-hidden": "true" }, sign),
      el("span", {}, el("span", { class: "strong" }, s.name), el("span", { class: "soft" }, value),
        el("span", { class: "visually-hidden" }, ` ${s.status}`)),
      s.reason ? el("span", { class: "reason" }, s.reason) : null);
  });
  if (run.error) {
    items.push(el("li", {}, el("span", { class: "mark warn", "aria-hidden": "true" }, "!"),
      el("span", { class: "strong" }, String(run.error.kind ?? "error").replaceAll("_", " ")),
      el("span", { class: "reason" }, run.error.message)));
  }
  return items.length ? el("ul", { class: "scores" }, ...items) : el("span", { class: "soft" }, "–");
}

function talk(run) {
  const line = (who, text) => (text ? el("div", {}, el("div", { class: "who" }, who),
    el("div", { class: "clip", title: text }, text)) : null);
  return el("div", { class: "talk" }, line("User", run.input), line("Agent", run.output),
    line("Expected", run.expected_output));
}

function stat(label, value, tone = "") {
  return el("div", { class: `stat ${tone}` }, el("dt", {}, label), el("dd", {}, value));
}

export async function campaign(id, signal) {
  const base = `/api/v1/campaigns/${encodeURIComponent(id)}`;
  const [c, { rows, more }] = await Promise.all([get(base, signal), getAll(`${base}/runs`, signal)]);
  const s = c.summary ?? {};
  const order = { failed: 0, error: 1, running: 2, queued: 3, passed: 4, cancelled: 5 };
  const runs = rows.toSorted((a, b) => (order[a.status] ?? 9) - (order[b.status] ?? 9));
  const body = runs.map((run) => el("tr", {},
    el("td", { "data-label": "Case" }, el("div", { class: "strong" }, run.item_key),
      el("div", { class: "legend" }, run.trace_id ? link("traces", run.trace_id, "Trace") : null,
        run.repetition ? `, repetition ${number(run.repetition + 1)}` : null)),
    el("td", { "data-label": "Status" }, pill(run.status)),
    el("td", { "data-label": "Conversation" }, talk(run)),
    el("td", { "data-label": "Scores" }, scores(run)),
    el("td", { class: "num", "data-label": "Latency" }, duration(run.latency_ms))));
  const table = el("table", { class: "rows" },
    el("caption", { class: "visually-hidden" }, "Runs, failures first"),
    el("thead", {}, el("tr", {}, ...["Case", "Status", "Conversation", "Scores and reasons"].map((t) => el("th", { scope: "col" }, t)),
      el("th", { scope: "col", class: "num" }, "Latency"))),
    el("tbody", {}, ...body));
  const node = el("div", { class: "stack" },
    el("div", {}, el("div", { class: "crumbs" }, el("a", { href: "#/" }, "Campaigns")),
      el("div", { class: "head" }, el("h1", {}, c.name || id), el("div", { class: "bar-end" }, pill(c.status), verdict(c))),
      el("p", { class: "sub" }, "Started ", when(c.created_at), ", ", el("span", { class: "mono" }, id))),
    el("dl", { class: "stats" }, stat("Pass rate", passRate(s)), stat("Passed", number(s.passed), s.passed ? "good" : ""),
      stat("Failed", number(s.failed), s.failed ? "bad" : ""), stat("Not scored", number(s.error), s.error ? "warn" : ""),
      stat("Open", number((s.queued ?? 0) + (s.running ?? 0))), stat("All runs", number(s.total))),
    progress(s),
    runs.length ? el("div", { class: "card scroll" }, table)
      : empty("No runs yet", el("p", {}, "They appear as soon as the campaign begins.")),
    more ? el("p", { class: "sub" }, `The first ${number(runs.length)} runs are shown.`) : null);
  return { title: c.name || "Campaign", node, live: !finished(c.status) };
}
