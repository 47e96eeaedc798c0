// A trace of every kind of observation comes back as it was sent, and can be deleted.

import { propagateAttributes, setActiveTraceIO, startActiveObservation, startObservation } from "@langfuse/tracing";

import { asSent, close, equal, eventually, flush, langfuse, refused, shutdown, unique, wholeTrace } from "./common.mjs";

const KINDS = ["span", "chain", "retriever", "tool", "guardrail", "evaluator", "embedding"];
const MESSAGES = [{ role: "user", content: "Où est ma commande? 你好" }];
const user = unique("user");
const session = unique("session");
const firstToken = new Date();

const promptName = unique("clients/answer style");
await langfuse.prompt.create({ name: promptName, prompt: "Answer {{question}}", labels: ["production"] });
const prompt = await langfuse.prompt.get(promptName);

const ids = {};
await startActiveObservation(
  "handle request",
  async (root) => {
    ids.trace = root.traceId;
    ids.root = root.id;
    root.update({ input: { question: "Where is my order?", tries: 2 } });
    const attributes = {
      userId: user,
      sessionId: session,
      tags: ["support", "gold"],
      metadata: { plan: "gold", ticket: "007" },
      version: "1.2",
      traceName: "support request",
    };
    await propagateAttributes(attributes, async () => {
      setActiveTraceIO({ input: { asked: true }, output: "answered" });
      for (const kind of KINDS) {
        startObservation(kind, { input: `in of ${kind}` }, { asType: kind })
          .update({ output: [kind, 1] })
          .end();
      }
      await startActiveObservation(
        "answer",
        async (generation) => {
          ids.generation = generation.id;
          generation.update({
            model: "gpt-4o-mini",
            modelParameters: { temperature: 0.2, max_tokens: 64 },
            input: MESSAGES,
            output: { role: "assistant", content: "On its way." },
            usageDetails: { input: 20, input_cached_tokens: 100, output: 45, total: 165 },
            costDetails: { input: 0.001, output: 0.002, total: 0.003 },
            completionStartTime: firstToken,
            prompt,
            metadata: { attempt: 2, note: 'first "try"', limits: { tokens: [64, 128] } },
          });
          startObservation("cache hit", { level: "DEBUG", input: { key: "order 17" } }, { asType: "event" });
        },
        { asType: "generation" },
      );
      await startActiveObservation("look up", () => Promise.reject(new Error("there is no such order")), {
        asType: "tool",
      }).catch(() => {});
    });
    root.update({ output: "done", level: "WARNING", statusMessage: "answered from memory" });
  },
  { asType: "agent" },
);
await flush();

const found = await wholeTrace(ids.trace, KINDS.length + 4);
const root = found["handle request"];
equal([root.id, root.type, root.isRootObservation], [ids.root, "AGENT", true], "the root");
equal(root.parentObservationId ?? null, null, "the root's parent");
equal(JSON.parse(root.input), { question: "Where is my order?", tries: 2 }, "an object stays text");
equal(root.output, "done", "text stays text");
equal([root.level, root.statusMessage], ["WARNING", "answered from memory"], "level and message of the root");
for (const kind of KINDS) {
  const step = found[kind];
  equal([step.type, step.parentObservationId], [kind.toUpperCase(), ids.root], `type and parent of ${kind}`);
  equal([step.input, JSON.parse(step.output)], [`in of ${kind}`, [kind, 1]], `input and output of ${kind}`);
}

const answer = found["answer"];
equal([answer.type, answer.id, answer.model], ["GENERATION", ids.generation, "gpt-4o-mini"], "the generation");
equal(answer.modelParameters, { temperature: 0.2, max_tokens: 64 }, "model parameters");
equal(answer.usageDetails, { input: 20, input_cached_tokens: 100, output: 45, total: 165 }, "usage");
close(answer.totalCost, 0.003, "cost");
close(answer.costDetails.input, 0.001, "cost of the input");
equal([answer.promptName, answer.promptVersion], [promptName, 1], "the prompt");
equal(new Date(answer.completionStartTime).getTime(), firstToken.getTime(), "the time of the first token");
equal(asSent(answer.metadata.attempt), 2, "a number in metadata");
equal(answer.metadata.note, 'first "try"', "text in metadata");
equal(asSent(answer.metadata.limits), { tokens: [64, 128] }, "an object in metadata");

const event = found["cache hit"];
equal([event.type, event.level, event.parentObservationId], ["EVENT", "DEBUG", ids.generation], "the event");
const failed = found["look up"];
equal([failed.type, failed.level], ["TOOL", "ERROR"], "the step that failed");
equal(failed.statusMessage.includes("there is no such order"), true, "why it failed");
for (const name of ["handle request", "answer", "cache hit", "look up", ...KINDS]) {
  const seen = found[name];
  equal([seen.userId, seen.sessionId], [user, session], `user and session of ${name}`);
  equal([...seen.tags].sort(), ["gold", "support"], `tags of ${name}`);
  equal([seen.version, seen.release, seen.environment], ["1.2", "release-42", "staging"], `version of ${name}`);
  equal(seen.traceName, "support request", `the name of ${name}'s trace`);
}

const trace = await langfuse.api.trace.get(ids.trace);
equal([trace.id, trace.name], [ids.trace, "support request"], "the trace");
equal([trace.input, trace.output], [{ asked: true }, "answered"], "input and output that were given to the trace");
equal([trace.userId, trace.sessionId], [user, session], "user and session");
equal(trace.metadata, { plan: "gold", ticket: "007" }, "metadata of the trace");
equal(trace.observations.length, KINDS.length + 4, "observations of the trace");
close(trace.totalCost, 0.003, "cost of the trace");
const parsed = trace.observations.find((o) => o.name === "handle request");
equal(parsed.input, { question: "Where is my order?", tries: 2 }, "input is parsed in a trace");

const listed = await langfuse.api.trace.list({ userId: user, tags: ["gold", "support"] });
equal(listed.data.map((t) => t.id), [ids.trace], "traces of the user with both tags");
const v1 = await langfuse.api.legacy.observationsV1.get(ids.generation);
equal([v1.id, v1.usage.input, v1.usage.output, v1.usage.total], [ids.generation, 120, 45, 165], "usage, added up");
const stored = await langfuse.api.sessions.get(session);
equal(stored.traces.map((t) => t.id), [ids.trace], "traces of the session");
const project = (await langfuse.api.projects.get()).data[0].id;
const url = `${process.env.LANGFUSE_BASE_URL}/project/${project}/traces/${ids.trace}`;
equal(await langfuse.getTraceUrl(ids.trace), url, "getTraceUrl");

equal(Boolean((await langfuse.api.trace.delete(ids.trace)).message), true, "the answer to a deletion");
await eventually("the deleted trace is gone", async () => {
  const { data } = await langfuse.api.observations.getMany({ traceId: ids.trace });
  return data.length === 0;
});
await refused(404, () => langfuse.api.trace.get(ids.trace, {}, { maxRetries: 0 }), "the deleted trace");
await shutdown();
