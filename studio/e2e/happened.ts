import { createHash } from "node:crypto";
import type { Id, Made, Maker } from "./everything";

const hash = (text: string, length: number) => createHash("sha256").update(text).digest("hex").slice(0, length);

interface List<T> {
  data: T[];
}

/** Asks until it is so; what never comes ends with the test's time. */
async function until<T>(ask: () => Promise<T>, holds: (found: T) => boolean): Promise<T> {
  for (;;) {
    const found = await ask();
    if (holds(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** What agents, judges and models say, and what people say of that: traces, campaigns, runs, reviews. */
export async function happened(maker: Maker, resources: Made): Promise<Made> {
  const parts = await Promise.all([traces(maker), otlp(maker), campaigns(maker, resources), starts(maker, resources)]);
  return Object.assign({}, ...parts) as Made;
}

async function traces({ user, words: { short, long, url }, make, stamp }: Maker): Promise<Made> {
  const start = Date.now() - 60_000;
  const at = (ms: number) => new Date(start + ms).toISOString();
  const trace = hash(`canary ${stamp}`, 32);
  const step = (key: string) => hash(trace + key, 16);
  const session = short("trace.session");
  const person = short("trace.user");
  await user.api("POST", "/api/v1/ingest", {
    traces: [{
      id: trace, name: short("trace.name"), timestamp: at(0), user_id: person, session_id: session, environment: `env-${stamp}`, release: short("trace.release"), version: short("trace.version"), tags: [short("trace.tag")],
      input: { messages: [{ role: "user", content: long("trace.input") }] }, output: long("trace.output"), metadata: { [short("trace.key")]: long("trace.value"), link: "javascript:window.__canary=1" },
    }],
    observations: [
      { id: step("root"), trace_id: trace, type: "AGENT", name: short("step.root"), start_time: at(0), end_time: at(4000), input: long("step.input"), output: { [short("step.key")]: long("step.value") } },
      { id: step("tool"), trace_id: trace, parent_id: step("root"), type: "TOOL", name: short("step.tool"), start_time: at(100), end_time: at(900), level: "ERROR", status_message: long("step.error"), input: { "</script><script>window.__canary=1</script>": 1 } },
      {
        id: step("say"), trace_id: trace, parent_id: step("root"), type: "GENERATION", name: short("step.say"), start_time: at(1000), end_time: at(3000), model: short("step.model"), version: short("step.version"),
        model_parameters: { [short("step.parameter")]: long("step.set") }, usage: { input: 10, output: 10 }, prompt_name: short("step.prompt"),
        input: [
          { role: "system", content: long("chat.system") },
          { role: short("chat.role"), content: [{ type: "text", text: long("chat.text") }, ...["javascript:window.__canary=1", url("chat.picture"), "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='parent.__canary=1'/>"].map((one) => ({ type: "image_url", image_url: { url: one } }))] },
          { role: "assistant", content: null, tool_calls: [{ id: "c", type: "function", function: { name: short("chat.tool"), arguments: JSON.stringify({ [short("chat.argument")]: long("chat.given") }) } }] },
          { role: "tool", tool_call_id: "c", content: long("chat.result") },
        ],
        output: { role: "assistant", content: long("chat.answer") },
      },
    ],
    scores: [
      { trace_id: trace, name: short("score.name"), value: 0.5, data_type: "NUMERIC", source: "EVAL", comment: long("score.comment") },
      { trace_id: trace, observation_id: step("say"), name: short("score.second"), string_value: short("score.text"), data_type: "CATEGORICAL", source: "API" },
    ],
  });
  await until(() => user.api<List<unknown>>("GET", `/api/v1/traces?q=${encodeURIComponent(short("trace.name").slice(0, 30))}&limit=1`).catch(() => ({ data: [] })), ({ data }) => data.length > 0);
  const share = await make<{ token: string }>(`traces/${trace}/shares`, { payloads: true, note: short("share.note") });
  await Promise.all([
    make("comments", { object_type: "trace", object_id: trace, content: long("comment.trace") }),
    make("comments", { object_type: "observation", object_id: step("say"), trace_id: trace, content: long("comment.step") }),
    make("comments", { object_type: "session", object_id: session, content: long("comment.session") }),
    make("scores", { trace_id: trace, name: short("score.given"), value: 1, comment: long("score.said") }),
  ]);
  return { trace, step: step("say"), tool: step("tool"), root: step("root"), session, person, share: share.token };
}

async function otlp({ user, words: { short, long }, stamp }: Maker): Promise<Made> {
  const trace = hash(`otlp ${stamp}`, 32);
  const nano = (ms: number) => `${BigInt(Date.now() - 30_000 + ms) * 1_000_000n}`;
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  await user.api("POST", "/v1/traces", {
    resourceSpans: [{
      resource: { attributes: [attribute("service.name", short("otlp.service"))] },
      scopeSpans: [{
        scope: { name: short("otlp.scope") },
        spans: [{
          traceId: trace, spanId: hash(trace, 16), name: short("otlp.span"), kind: 1, startTimeUnixNano: nano(0), endTimeUnixNano: nano(500), status: { code: 2, message: long("otlp.error") },
          attributes: [attribute("gen_ai.request.model", short("otlp.model")), attribute(short("otlp.key"), long("otlp.value")), attribute("session.id", short("trace.session")), attribute("user.id", short("trace.user"))],
          events: [{ timeUnixNano: nano(100), name: short("otlp.event"), attributes: [attribute("exception.message", long("otlp.exception"))] }],
        }],
      }],
    }],
  });
  return { otlp: trace, span: hash(trace, 16) };
}

async function campaigns(maker: Maker, { agent, broken, dataset, scenario, model, schema }: Made): Promise<Made> {
  const { words: { short, long }, make, user } = maker;
  const judged = { kind: "g_eval", name: short("judged.name"), params: { evaluation_steps: [long("judged.step")] } };
  const body = { dataset_id: dataset, judge_model_id: model, concurrency: 16, tags: [short("campaign.tag")], metrics: [judged, { kind: "contains", name: short("contains.name"), params: { values: [long("contains.value")] } }] };
  const [campaign, second, failing, played] = await Promise.all([
    make("campaigns", { ...body, name: short("campaign.name"), agent_id: agent }),
    make("campaigns", { ...body, name: short("second.name"), agent_id: agent, metrics: [body.metrics[1]] }),
    make("campaigns", { ...body, name: short("failing.name"), agent_id: broken, metrics: [body.metrics[1]], max_attempts: 1 }),
    make("campaigns", { name: short("played.name"), agent_id: agent, scenario_ids: [scenario] }),
  ]);
  const ended = (id: string) => until(() => user.api<{ status: string }>("GET", `/api/v1/campaigns/${id}`), ({ status }) => ["completed", "failed", "canceled"].includes(status));
  const runsOf = (id: string, query = "") => user.api<List<{ run_id: string; item_key: string }>>("GET", `/api/v1/campaigns/${id}/runs?limit=100${query}`);
  const [, , , waiting] = await Promise.all([
    ended(campaign.id), ended(second.id), ended(failing.id), until(() => runsOf(played.id, "&status=waiting_for_person"), ({ data }) => data.length > 0),
  ]);
  const [runs, failed] = await Promise.all([runsOf(campaign.id), runsOf(failing.id)]);
  const run = runs.data.find((one) => one.item_key === short("item.key"))?.run_id ?? "";
  await make(`runs/${run}/overrides`, { metric: short("judged.name"), score: 1, reason: short("override.reason") });
  const reviewed = await review(maker, { schema: schema ?? "", model: model ?? "", run, runs: runs.data.map((one) => one.run_id) });
  return { campaign: campaign.id, second: second.id, failing: failing.id, played: played.id, run, failed: failed.data[0]?.run_id ?? "", waiting: waiting.data[0]?.run_id ?? "", ...reviewed };
}

async function review({ words: { short, long }, make, user }: Maker, given: { schema: string; model: string; run: string; runs: string[] }): Promise<Made> {
  const queue = await make("review-queues", { name: short("queue.name"), description: long("queue.description"), label_schema_ids: [given.schema], rules: [{ name: short("queue.rule"), metric: short("queue.metric"), when: { type: "error" } }], show_scores: true });
  const metric = short("judged.name");
  const others = given.runs.filter((one) => one !== given.run);
  await make(`review-queues/${queue.id}/items`, { items: others.map((run_id) => ({ subject: { type: "run", run_id, metric } })) });
  const { data } = await user.api<List<Id>>("GET", `/api/v1/review-queues/${queue.id}/items?limit=100`);
  // Answers are given one after the other: whoever holds an item gets no second one.
  for (let left = data.length; left > 0; left -= 1) {
    const { item } = await make<{ item: Id | null }>(`review-queues/${queue.id}/claim`);
    await make(`review-queues/${queue.id}/items/${item?.id}/answers`, {
      answers: [{ schema: short("schema.name"), value: short(left % 2 ? "schema.one" : "schema.two"), note: long("answer.note") }], note: long("answer.whole"),
    });
  }
  const calibration = await make("calibrations", { judge_model_id: given.model, metric, queue_id: queue.id, minimum: 20 });
  // What is still to be answered comes last, so that there is something to work at.
  await make(`review-queues/${queue.id}/items`, { items: [{ subject: { type: "run", run_id: given.run, metric } }] });
  return { queue: queue.id, item: data[0]?.id ?? "", calibration: calibration.id };
}

async function starts({ words: { short, long }, make }: Maker, { agent, dataset }: Made): Promise<Made> {
  const campaign = { name: short("start.campaign"), agent_id: agent, dataset_id: dataset, metrics: [{ kind: "contains", name: short("start.metric"), params: { values: [long("start.value")] } }] };
  const [schedule, hook] = await Promise.all([
    make("schedules", { name: short("schedule.name"), cron: "0 0 1 1 *", enabled: false, campaign }),
    make("hooks", { name: short("hook.name"), provider: "github", secrets: ["a-secret-of-sixteen-or-more"], enabled: false, campaign, filter: { branches: [short("hook.branch")], paths: [short("hook.path")] }, status: { context: short("hook.context") }, token: "t" }),
  ]);
  return { schedule: schedule.id, hook: hook.id };
}
