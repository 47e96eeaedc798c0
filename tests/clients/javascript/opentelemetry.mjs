// Plain OpenTelemetry for JavaScript: spans by the GenAI conventions over OTLP, as protobuf and as JSON, with gzip and without.

import { SpanStatusCode, context, trace as api } from "@opentelemetry/api";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";

import { equal, eventually, shutdown } from "./common.mjs";

const { LANGFUSE_BASE_URL: url, LANGFUSE_PUBLIC_KEY: key, LANGFUSE_SECRET_KEY: secret } = process.env;
const headers = { Authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}` };

/** What an attribute that holds JSON text says, whether it is shown as text or as what it says. */
const parsed = (value) => (typeof value === "string" ? JSON.parse(value) : value);

async function send(Exporter, compression, what) {
  const exporter = new Exporter({ url: `${url}/v1/traces`, headers, compression });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": "shop", "deployment.environment.name": "staging" }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer("shop.agent", "0.3");
  const agent = tracer.startSpan("invoke_agent shop", {
    attributes: { "gen_ai.operation.name": "invoke_agent", "session.id": "talk-1", "user.id": "ada" },
  });
  const inside = api.setSpan(context.active(), agent);
  const attributes = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.request.temperature": 0.2,
    "gen_ai.usage.input_tokens": 120,
    "gen_ai.usage.cache_read.input_tokens": 100,
    "gen_ai.usage.output_tokens": 45,
    "gen_ai.input.messages": JSON.stringify([{ role: "user", parts: [{ type: "text", content: "Où? 你好" }] }]),
    "gen_ai.output.messages": JSON.stringify([{ role: "assistant", parts: [{ type: "text", content: "Là." }] }]),
  };
  tracer.startSpan("chat gpt-4o-mini", { attributes }, inside).end();
  const call = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "find_order" };
  const tool = tracer.startSpan("execute_tool find_order", { attributes: call }, inside);
  tool.setStatus({ code: SpanStatusCode.ERROR, message: "the shop did not answer" });
  tool.end();
  agent.end();
  await provider.forceFlush();
  await provider.shutdown();

  const { traceId, spanId } = agent.spanContext();
  const stored = await eventually(`${what}: the trace`, async () => {
    const answer = await fetch(`${url}/api/v1/traces/${traceId}`, { headers });
    const found = await answer.json();
    return found.observations?.length === 3 && found;
  });
  equal([stored.user_id, stored.session_id, stored.environment], ["ada", "talk-1", "staging"], `${what}: the trace`);
  const parts = Object.fromEntries(stored.observations.map((o) => [o.type, o]));
  equal(Object.keys(parts).sort(), ["AGENT", "GENERATION", "TOOL"], `${what}: types`);
  equal([parts.AGENT.id, parts.AGENT.parent_id ?? null], [spanId, null], `${what}: the root`);
  equal([parts.GENERATION.parent_id, parts.TOOL.parent_id], [spanId, spanId], `${what}: nesting`);
  equal(parts.GENERATION.model, "gpt-4o-mini", `${what}: model`);
  const usage = { input: 20, input_cached_tokens: 100, output: 45, total: 165 };
  equal(parts.GENERATION.usage_details, usage, `${what}: usage`);
  equal(parts.GENERATION.model_parameters.temperature, 0.2, `${what}: temperature`);
  equal(parsed(parts.GENERATION.input)[0].parts[0].content, "Où? 你好", `${what}: input`);
  equal([parts.TOOL.level, parts.TOOL.status_message], ["ERROR", "the shop did not answer"], `${what}: what failed`);
}

for (const compression of ["none", "gzip"]) {
  await send(ProtobufExporter, compression, `protobuf with ${compression}`);
  await send(JsonExporter, compression, `JSON with ${compression}`);
}
await shutdown();
