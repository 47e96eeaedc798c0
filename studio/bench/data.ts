import { createHash } from "node:crypto";
import { seedLarge } from "../e2e/traces.data";
import { api } from "./browser";

interface Named { id: string; name: string }

/** What is measured, by ids. */
export interface Data {
  dataset: string;
  campaign: string;
  /** A trace of 10,000 spans, and one of a few. */
  large: string;
  trace: string;
  /** Scenarios of 196 nodes, with places and without. */
  placed: string;
  unplaced: string;
}

export const ITEMS = 100_000;
export const TRACES = 100_000;
export const SPANS = 10_000;
/** 5,000 items by 2 agents, in 9 metrics and as whole runs: 100,000 cells. */
export const CASES = 5_000;
export const METRICS = 9;

const hash = (text: string, length: number) => createHash("sha256").update(text).digest("hex").slice(0, length);
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n);
const say = (text: string) => console.log(`bench: ${text}`);

/** Makes what is measured; what an earlier run made is taken as it is. */
export async function data(): Promise<Data> {
  const campaign = await theCampaign();
  const dataset = await dataset100k("Bench items", ITEMS);
  const { large, trace } = await theTraces();
  const placed = await scenario("Bench graph with places", true);
  const unplaced = await scenario("Bench graph without places", false);
  return { dataset, campaign, large, trace, placed, unplaced };
}

async function named(kind: string, name: string): Promise<string | undefined> {
  const { data } = await api<{ data: Named[] }>("GET", `/api/v1/${kind}?limit=200&q=${encodeURIComponent(name)}`);
  return data.find((one) => one.name === name)?.id;
}

const create = async (kind: string, body: { name: string }): Promise<string> =>
  await named(kind, body.name) ?? (await api<Named>("POST", `/api/v1/${kind}`, body)).id;

/** Items like those of a support desk, imported as a file would be. */
async function dataset100k(name: string, count: number): Promise<string> {
  const id = await create("datasets", { name });
  const { item_count: there } = await api<{ item_count: number }>("GET", `/api/v1/datasets/${id}`);
  for (let from = there; from < count; from += 10_000) {
    say(`${name}: ${from} of ${count}`);
    const lines = numbers(Math.min(10_000, count - from), from).map((n) => JSON.stringify({
      key: `item-${String(n).padStart(6, "0")}`, split: n % 5 === 0 ? "test" : "train", tags: ["support", `topic-${n % 12}`],
      input: `Customer ${n} asks: where is order A${1000 + n}, and how long does a refund take once the parcel has come back?`,
      expected_output: `Order A${1000 + n} is on its way; a refund takes 5 business days.`,
    }));
    await api("POST", `/api/v1/datasets/${id}/import?format=jsonl`, lines.join("\n"), "application/x-ndjson");
  }
  return id;
}

/** Really run: the agent that the platform has for trying answers every item. */
async function theCampaign(): Promise<string> {
  const name = "Bench matrix";
  const { data } = await api<{ data: (Named & { status: string })[] }>("GET", "/api/v1/campaigns?limit=200");
  let id = data.find((one) => one.name === name)?.id;
  if (!id) {
    const dataset = await dataset100k("Bench cases", CASES);
    const url = `${process.env.ASSAY_URL}/sample-agent/v1/chat/completions`;
    const agents = await Promise.all(["Bench agent A", "Bench agent B"].map((agent) => create("agents", { name: agent, kind: "openai_chat", url, model: "sample-agent" } as { name: string })));
    id = (await api<Named>("POST", "/api/v1/campaigns", {
      name, agents: agents.map((agent) => ({ id: agent })), dataset_id: dataset, concurrency: 16,
      metrics: numbers(METRICS).map((n) => ({ kind: "contains", name: `says ${WORDS[n]}`, params: { values: [WORDS[n]] } })),
    })).id;
  }
  for (;;) {
    const { status, summary } = await api<{ status: string; summary: { total: number; queued: number } }>("GET", `/api/v1/campaigns/${id}`);
    if (status === "completed") return id;
    say(`campaign: ${summary.queued} of ${summary.total} runs to go`);
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
}

const WORDS = ["order", "refund", "days", "parcel", "shipped", "warranty", "sorry", "please", "agent"];

async function theTraces(): Promise<{ large: string; trace: string }> {
  const start = Date.now() - 3_600_000;
  const one = (n: number) => hash(`bench ${n}`, 32);
  const large = hash("bench large", 32);
  for (let from = 0; from < TRACES; from += 1000) {
    // The last of a batch tells that it is there.
    if (await exists(one(from + 999))) continue;
    if (from % 10_000 === 0) say(`traces: ${from} of ${TRACES}`);
    const many = numbers(1000, from);
    await api("POST", "/api/v1/ingest", {
      traces: many.map((n) => ({
        id: one(n), name: `support ${n % 7}`, timestamp: at(start, n), user_id: `user-${n % 500}`, session_id: `session-${n >> 2}`, environment: "bench", tags: ["bench", `topic-${n % 12}`],
        input: `Where is order A${n}? It should have come last week.`, output: `Order A${n} is on its way and comes tomorrow.`,
      })),
      observations: many.map((n) => ({
        id: hash(`${one(n)} answer`, 16), trace_id: one(n), type: "GENERATION", name: "answer", model: "gpt-4o-mini", level: n % 40 === 0 ? "ERROR" : "DEFAULT",
        start_time: at(start, n), end_time: at(start, n + 300 + (n % 900)), usage: { input: 200 + (n % 300), output: 20 + (n % 60) }, cost_usd: 0.0001 * (1 + (n % 9)),
        input: `Where is order A${n}?`, output: "On its way.",
      })),
    });
  }
  if (!await exists(large)) {
    say(`a trace of ${SPANS} spans`);
    await seedLarge({ api }, "bench large", "bench", SPANS);
  }
  return { large, trace: one(0) };
}

const at = (start: number, ms: number) => new Date(start + ms).toISOString();

async function exists(trace: string): Promise<boolean> {
  const filter = JSON.stringify([{ type: "string", column: "id", operator: "=", value: trace }]);
  return (await api<{ data: unknown[] }>("GET", `/api/v1/traces?limit=1&filter=${encodeURIComponent(filter)}`)).data.length > 0;
}

/** Questions that branch and meet again: 39 rounds of five nodes, and an end. */
function graph(placed: boolean) {
  const rounds = numbers(39);
  const place = (x: number, y: number) => (placed ? { position: { x, y } } : {});
  const set = (id: string, x: number, y: number) => ({ id, label: `Step ${id}`, does: { type: "transform", template: `${id} {{ user }}`, output: "user" }, ...place(x, y) });
  return {
    start: "a0", max_steps: 400, variables: { user: "" },
    nodes: [
      ...rounds.flatMap((n) => {
        const top = n * 4 * 130;
        return [
          set(`a${n}`, 0, top), { id: `c${n}`, does: { type: "condition" }, ...place(0, top + 130) },
          set(`l${n}`, -160, top + 260), set(`r${n}`, 160, top + 260), set(`m${n}`, 0, top + 390),
        ];
      }),
      { id: "end", does: { type: "end", result: "passed" }, ...place(0, 39 * 4 * 130) },
    ],
    edges: rounds.flatMap((n) => [
      { from: `a${n}`, to: `c${n}` },
      { from: `c${n}`, to: `l${n}`, when: { expression: `user == "${n}"` } }, { from: `c${n}`, to: `r${n}` },
      { from: `l${n}`, to: `m${n}` }, { from: `r${n}`, to: `m${n}` },
      { from: `m${n}`, to: n === 38 ? "end" : `a${n + 1}` },
    ]),
  };
}

const scenario = (name: string, placed: boolean) => create("scenarios", { name, graph: graph(placed) } as { name: string });
