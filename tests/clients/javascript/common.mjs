// What the programs share: the client, tracing, checks that say what is wrong, and reading back.
//
// The platform's address and keys are in LANGFUSE_BASE_URL, LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, where the SDK
// looks for them. A program ends with a message and exit code 1 at the first thing that is wrong.

import { isDeepStrictEqual } from "node:util";
import { randomUUID } from "node:crypto";

import { LangfuseClient } from "@langfuse/client";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

/** Every group of fields that the second version of the observations API has. */
export const ALL_FIELDS = "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context";

/** The client. */
export const langfuse = new LangfuseClient();

const processor = new LangfuseSpanProcessor({ environment: "staging", release: "release-42" });
const provider = new NodeTracerProvider({ spanProcessors: [processor] });
provider.register();

/** Sends all spans and scores that wait. */
export async function flush() {
  await processor.forceFlush();
  await langfuse.flush();
}

/** Ends tracing, so that the program can end. */
export async function shutdown() {
  await langfuse.shutdown();
  await provider.shutdown();
}

/** A name that no other run of the program uses. */
export function unique(name) {
  return `${name} ${randomUUID().slice(0, 8)}`;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Ends the program when the two differ. */
export function equal(found, expected, what) {
  if (!isDeepStrictEqual(found, expected)) {
    fail(`${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
  }
}

/** Ends the program when two amounts of money differ by more than rounding. */
export function close(found, expected, what) {
  if (typeof found !== "number" || Math.abs(found - expected) > 1e-9) {
    fail(`${what}: expected ${expected}, found ${JSON.stringify(found)}`);
  }
}

/** Ends the program unless the call is refused with this status. */
export async function refused(status, call, what) {
  let answer;
  try {
    answer = await call();
  } catch (error) {
    equal(error.statusCode, status, `${what}: status of ${error}`);
    return;
  }
  fail(`${what}: expected ${status}, found ${JSON.stringify(answer)}`);
}

/** What `read` gives as soon as it is true. Traces may take a moment from the answer to being readable. */
export async function eventually(what, read, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    let found, last;
    try {
      found = await read();
      last = JSON.stringify(found);
    } catch (error) {
      last = String(error);
    }
    if (found) return found;
    if (Date.now() > end) fail(`${what}: not within ${seconds} s, last ${last}`);
    await new Promise((resume) => setTimeout(resume, 200));
  }
}

/** The observations of a trace by name, once all have arrived. */
export async function wholeTrace(traceId, count) {
  const found = await eventually(`${count} observations of trace ${traceId}`, async () => {
    const { data } = await langfuse.api.observations.getMany({ traceId, fields: ALL_FIELDS, limit: 100 });
    return data.length === count && data;
  });
  return Object.fromEntries(found.map((o) => [o.name, o]));
}

/** A value of metadata, which this SDK sends as JSON text unless it is text. */
export function asSent(value) {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
