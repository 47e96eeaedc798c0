// Scores of traces, observations and sessions, of every data type, before and after their trace, replaced and deleted.

import { createTraceId, startActiveObservation } from "@langfuse/tracing";

import { equal, eventually, flush, langfuse, shutdown, unique } from "./common.mjs";

const session = unique("session");
const orphaned = await createTraceId(unique("trace that never comes"));
const verdict = unique("verdict");

langfuse.score.create({ name: "orphan", value: 3, traceId: orphaned });
await langfuse.score.flush();

const ids = {};
await startActiveObservation("answer", async (span) => {
  ids.trace = span.traceId;
  ids.span = span.id;
  langfuse.score.observation(span, {
    name: "relevance",
    value: 0.75,
    dataType: "NUMERIC",
    comment: "to the point",
    metadata: { judge: "gpt-4o", tries: 2 },
  });
  langfuse.score.trace(span, { name: "correct", value: 1, dataType: "BOOLEAN" });
  langfuse.score.activeObservation({ name: "tone", value: "friendly", dataType: "CATEGORICAL" });
  langfuse.score.activeTrace({ name: "untyped", value: 4 });
});
langfuse.score.create({ name: "resolved", value: "yes", dataType: "CATEGORICAL", sessionId: session });
// The second score with an id takes the place of the first.
langfuse.score.create({ id: verdict, name: "verdict", value: 0.1, traceId: ids.trace });
await flush();
langfuse.score.create({ id: verdict, name: "verdict", value: 0.9, traceId: ids.trace, comment: "second" });
await flush();

// name: [data type, what it is of, value as version 2 tells it, its string, value as version 3 tells it]
const EXPECTED = {
  relevance: ["NUMERIC", "observation", 0.75, undefined, 0.75],
  correct: ["BOOLEAN", "trace", 1, "True", true],
  tone: ["CATEGORICAL", "observation", 0, "friendly", "friendly"],
  untyped: ["NUMERIC", "trace", 4, undefined, 4],
  verdict: ["NUMERIC", "trace", 0.9, undefined, 0.9],
};

async function byName(what, page) {
  const data = await eventually(what, async () => {
    const { data } = await page();
    const settled = data.find((s) => s.name === "verdict")?.value === 0.9;
    return data.length === Object.keys(EXPECTED).length && settled && data;
  });
  return Object.fromEntries(data.map((s) => [s.name, s]));
}

const second = await byName("scores (v2)", () => langfuse.api.scores.getMany({ traceId: ids.trace, limit: 100 }));
const third = await byName("scores (v3)", () =>
  langfuse.api.scoresV3.getManyV3({ traceId: ids.trace, fields: "details,subject", limit: 100 }),
);
for (const [name, [kind, subject, value, string, typed]] of Object.entries(EXPECTED)) {
  equal([second[name].dataType, second[name].source], [kind, "API"], `type and source of ${name}`);
  equal([second[name].value, second[name].stringValue ?? undefined], [value, string], `value of ${name}`);
  equal([third[name].dataType, third[name].value], [kind, typed], `value of ${name} (v3)`);
  const of = subject === "observation" ? ids.span : null;
  equal([second[name].traceId, second[name].observationId ?? null], [ids.trace, of], `what ${name} is of`);
  equal([third[name].subject.kind, third[name].subject.id], [subject, of ?? ids.trace], `what ${name} is of (v3)`);
}
equal(second.relevance.comment, "to the point", "comment");
equal(second.relevance.metadata, { judge: "gpt-4o", tries: 2 }, "metadata of a score");
equal([second.verdict.id, second.verdict.comment], [verdict, "second"], "the score that was replaced");

const ofSession = (await langfuse.api.scores.getMany({ sessionId: session })).data;
equal(ofSession.map((s) => [s.name, s.stringValue]), [["resolved", "yes"]], "the session's score");
equal((await langfuse.api.scores.getMany({ traceId: orphaned })).data.length, 1, "the score without a trace");
equal((await langfuse.api.scores.getById(verdict)).value, 0.9, "a score by its id");

await langfuse.api.legacy.scoreV1.delete(verdict);
await eventually("the deleted score is gone", async () => {
  const { data } = await langfuse.api.scores.getMany({ traceId: ids.trace });
  return data.length === Object.keys(EXPECTED).length - 1;
});
await shutdown();
