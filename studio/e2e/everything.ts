import type { User } from "./harness";
import { happened } from "./happened";
import { type Said, scripted } from "./scripted";

/** What a field is filled with, told by the field's name. */
export interface Words {
  /** At most 90 characters beside the field's name: names, tags. */
  short(field: string): string;
  /** Any length, and Markdown. */
  long(field: string): string;
  /** What stands where an address should. */
  url(field: string): string;
}

/** Words that do no harm: the field's name and a stamp. */
export function plainWords(stamp: string): Words {
  const say = (field: string) => `${field} ${stamp}`;
  return { short: say, long: say, url: (field) => `https://example.com/${field}` };
}

/** Ids of what was made, by kind. */
export type Made = Record<string, string>;

export interface Id {
  id: string;
}

/** A scripted agent and judge, and how one asks the API. */
export interface Maker {
  user: User;
  words: Words;
  /** Told apart from what another run left. */
  stamp: string;
  agentUrl: string;
  judgeUrl: string;
  make<T = Id>(path: string, body?: unknown, method?: string): Promise<T>;
}

/** The smallest command of WASI, with a section of its own name so that it is one of its own. */
function wasm(mark: string): string {
  const text = Buffer.from(mark);
  const section = Buffer.concat([Buffer.from([0, text.length + 1, text.length]), text]);
  return Buffer.concat([Buffer.from("AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAAKBAECAAs=", "base64"), section]).toString("base64");
}

/** Makes one of everything that can be written into a workspace, each text field filled by `words`. */
export async function everything(user: User, words: Words, stamp: string): Promise<{ made: Made; close(): Promise<void> }> {
  const agent = await scripted((_, path): Said => (path.endsWith("/refused") ? { text: words.long("agent.error"), status: 400 } : { text: words.long("agent.answer") }));
  const judge = await scripted((): Said => ({ text: JSON.stringify({ reason: words.long("judge.reason"), score: 3 }), sure: 0.8 }));
  const maker: Maker = {
    user, words, stamp, agentUrl: `${agent.url}/chat/completions`, judgeUrl: judge.url,
    make: (path, body, method = "POST") => user.api(method, `/api/v1/${path}`, body),
  };
  const made = await resources(maker);
  Object.assign(made, await happened(maker, made));
  return {
    made,
    close: async () => {
      agent.close();
      judge.close();
      // What a workspace holds but a few of, and what would go on to act by itself.
      const gone = { destination: "ingest/destinations", hook: "hooks", schedule: "schedules", alert: "alerts", rule: "evaluation-rules", queue: "review-queues", calibration: "calibrations" };
      for (const [name, path] of Object.entries(gone)) await user.api("DELETE", `/api/v1/${path}/${made[name]}`);
    },
  };
}

/** What people write: everything with a form. */
async function resources({ words: { short, long, url }, make, agentUrl, judgeUrl, stamp }: Maker): Promise<Made> {
  const made: Made = {};
  const keep = async (name: string, path: string, body: unknown) => {
    made[name] = (await make(path, body)).id;
  };
  const metric = { kind: "g_eval", name: short("metric.shown"), params: { criteria: long("metric.criteria"), evaluation_steps: [long("metric.step")] } };
  await Promise.all([
    keep("agent", "agents", {
      name: short("agent.name"), description: long("agent.description"), kind: "openai_chat", url: agentUrl, model: short("agent.model"), system_prompt: long("agent.prompt"),
      tools: [{ name: "lookup", description: long("tool.description"), does: { type: "fail", message: long("tool.message") } }],
    })
      // Pages that offer an agent begin with the one that came last.
      .then(() => keep("broken", "agents", { name: short("broken.name"), kind: "openai_chat", url: `${agentUrl}/refused`, description: long("broken.description") })),
    keep("model", "models", { name: short("model.name"), base_url: judgeUrl, model: short("model.model") }),
    keep("persona", "personas", {
      name: short("persona.name"), description: long("persona.description"), goals: [short("persona.goal")], knowledge: long("persona.knowledge"), language: short("persona.language"),
      mood: short("persona.mood"), style: short("persona.style"), tone: short("persona.tone"), traits: [short("persona.trait")], tags: [short("persona.tag")], disclosure: [{ text: short("persona.fact"), when: "reluctantly" }],
    }),
    keep("library", "metric-library", { name: short("library.name"), description: long("library.description"), tags: [short("library.tag")], metric }),
    keep("schema", "label-schemas", {
      name: short("schema.name"), description: long("schema.description"), guidelines: long("schema.guidelines"), kind: "categorical", tags: [short("schema.tag")],
      categories: [{ label: short("schema.one"), description: short("schema.about"), score: 1 }, { label: short("schema.two"), score: 0 }],
    }),
    keep("rule", "evaluation-rules", {
      name: short("rule.name"), description: long("rule.description"), tags: [short("rule.tag")], enabled: false, metrics: [{ kind: "contains", name: short("rule.metric"), params: { values: [long("rule.value")] } }],
      filter: [{ type: "string", column: "name", operator: "=", value: long("rule.filter") }],
    }),
    keep("alert", "alerts", {
      name: short("alert.name"), description: long("alert.description"), tags: [short("alert.tag")], window_minutes: 60, enabled: false, measure: { type: "score", name: short("alert.measure") },
      condition: { type: "threshold", aggregation: "mean", comparison: "below", value: 0.5 }, filter: [{ type: "string", column: "name", operator: "=", value: long("alert.filter") }],
      channels: [{ type: "webhook", url: url("alert.url") }],
    }),
    keep("secret", "secrets", { name: `secret_${stamp}`, description: long("secret.description"), hosts: ["example.com"], value: "hidden" }),
    keep("program", "programs", { name: short("program.name"), description: long("program.description"), wasm: wasm(stamp) }),
    keep("destination", "ingest/destinations", { name: short("destination.name"), kind: "otlp", url: url("destination.url"), enabled: false, project: short("destination.project") }),
    keep("key", "api-keys", { name: short("key.name"), role: "viewer" }),
    keep("account", "service-accounts", { name: short("account.name"), description: short("account.description"), role: "viewer" }),
    keep("invitation", "invitations", { email: `ann-${stamp}@example.com`, role: "viewer" }),
    keep("role", "roles", { name: short("role.name"), description: short("role.description"), permissions: ["workspace_read", "traces_read"] }),
    keep("view", "views", { name: short("view.name"), table: "traces", visibility: "shared", filter: [{ type: "string", column: "name", operator: "=", value: long("view.filter") }] }),
    (async () => {
      const prompt = await make("prompts", { name: short("prompt.name"), description: long("prompt.description"), prompt: [{ role: short("prompt.role"), content: `${long("prompt.text")} {{constructor}}` }], commit_message: short("prompt.first"), config: { [short("prompt.key")]: long("prompt.value") }, tags: [short("prompt.tag")] });
      made.prompt = prompt.id;
      await make(`prompts/${prompt.id}`, { name: short("prompt.name"), prompt: [{ role: "user", content: long("prompt.changed") }], commit_message: short("prompt.second"), tags: [short("prompt.tag")] }, "PUT");
      await make(`prompts/${prompt.id}/labels/production`, { version: 1 }, "PUT");
    })(),
    (async () => {
      const base = await make("knowledge-bases", { name: short("base.name"), description: long("base.description"), tags: [short("base.tag")], metadata: { [short("base.key")]: long("base.value") } });
      made.base = base.id;
      const documents = await Promise.all([url("document.url"), null].map((source_url, index) =>
        make(`knowledge-bases/${base.id}/documents`, { name: short(`document.${index}`), description: long("document.description"), media_type: "text/html", source_url, tags: [short("document.tag")], metadata: { [short("document.key")]: long("document.value") } })));
      made.document = documents[0]?.id ?? "";
    })(),
    (async () => {
      const dataset = await make("datasets", { name: short("dataset.name"), description: long("dataset.description"), metadata: { [short("dataset.key")]: long("dataset.value") } });
      made.dataset = dataset.id;
      await make(`datasets/${dataset.id}/items`, { items: [
        { key: short("item.key"), input: long("item.input"), expected_output: long("item.expected"), split: short("item.split"), tags: [short("item.tag")], context: [long("item.context")], metadata: { [short("item.meta")]: long("item.value") } },
        { key: short("picture.key"), input: [{ type: "text", text: long("picture.text") }, { type: "image_url", image_url: { url: url("picture.url") } }], expected_outcome: long("picture.outcome") },
        // What a spreadsheet would compute.
        { key: `=1+1.${stamp}`, input: `=HYPERLINK("https://evil.invalid","x")`, expected_output: "@SUM(1,1)" },
        ...Array.from({ length: 22 }, (_, index) => ({ key: `k${index}`, input: `${index} ${long("item.more")}` })),
      ] });
    })(),
  ]);
  made.scenario = (await make("scenarios", scenario(made, { short, long, url }))).id;
  await make(`scenarios/${made.scenario}`, { ...scenario(made, { short, long, url }), goal: long("scenario.changed") }, "PUT");
  return made;
}

/** A scenario of every kind of step that holds a text, whose run waits for a person. */
const scenario = (made: Made, { short, long }: Words) => ({
  name: short("scenario.name"), situation: long("scenario.situation"), goal: long("scenario.goal"), tags: [short("scenario.tag")], expected_outcome: long("scenario.outcome"), stop_phrases: [long("scenario.stop")],
  persona: { name: short("own.name"), description: long("own.description") },
  graph: {
    start: "ask",
    variables: { said: long("scenario.variable") },
    nodes: [
      { id: "ask", label: short("node.ask"), does: { type: "persona_turn", say: long("node.say") } },
      { id: "answer", label: short("node.answer"), does: { type: "target_call" } },
      { id: "check", label: short("node.check"), does: { type: "expectation", metric: { kind: "contains", name: short("node.metric"), params: { values: [long("node.value")] } } } },
      { id: "made", label: short("node.made"), does: { type: "transform", template: long("node.template"), output: "made" } },
      { id: "person", label: short("node.person"), does: { type: "wait_for_person", question: long("node.question"), output: "right" } },
      { id: "fork", label: short("node.fork"), does: { type: "condition" } },
      { id: "count", label: short("node.count"), does: { type: "code", program_id: made.program, input: JSON.stringify(long("node.input")), output: "counted" } },
      { id: "good", label: short("node.good"), does: { type: "end", result: "passed" } },
    ],
    edges: [
      { from: "ask", to: "answer" }, { from: "answer", to: "check" }, { from: "check", to: "made" }, { from: "made", to: "person" }, { from: "person", to: "fork" }, { from: "fork", to: "count", when: { answer_contains: short("edge.words") } },
      { from: "fork", to: "good" }, { from: "count", to: "good" },
    ],
  },
});
