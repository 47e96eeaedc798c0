import type { JsonSchema } from "@/resource/schema/shape";
import { initialOf } from "@/resource/schema/shape";

/** How a field of a test case is typed in. */
type CaseShape = "text" | "lines" | "json" | "number";

/** The fields of a test case that a person can fill in. */
export const CASE_FIELDS = {
  input: "text", actual_output: "text", expected_output: "text", retrieval_context: "lines", context: "lines", tools_called: "json", expected_tools: "json",
  messages: "json", scenario: "text", expected_outcome: "text", user_description: "text", chatbot_role: "text", latency_ms: "number", cost_usd: "number", trace: "json",
} as const satisfies Record<string, CaseShape>;

/** One of them. */
export type CaseField = keyof typeof CASE_FIELDS;

/** What a person typed, by field. */
export type CaseTexts = Partial<Record<CaseField, string>>;

/** A case to begin with: it has something to say in every field. */
export const EXAMPLE: Record<CaseField, string> = {
  input: "How long do refunds take?",
  actual_output: "A refund takes 5 business days. You get it the way you paid.",
  expected_output: "Refunds take 5 business days.",
  retrieval_context: "Refunds are paid within 5 business days.\nReturns are free for 30 days.",
  context: "Refunds are paid within 5 business days.",
  tools_called: '[{"name": "lookup_policy", "input_parameters": {"topic": "refunds"}, "output": "5 business days"}]',
  expected_tools: '[{"name": "lookup_policy", "input_parameters": {"topic": "refunds"}}]',
  messages: '[\n  {"role": "user", "content": "How long do refunds take?"},\n  {"role": "assistant", "content": "A refund takes 5 business days."}\n]',
  scenario: "A customer asks about a refund.",
  expected_outcome: "The customer knows when the money comes.",
  user_description: "A customer in a hurry.",
  chatbot_role: "A support assistant of a shop.",
  latency_ms: "420",
  cost_usd: "0.0012",
  trace: '{"type": "agent", "name": "support", "children": [{"type": "tool", "name": "lookup_policy", "input": {"topic": "refunds"}, "output": "5 business days"}]}',
};

/** The field that a metric's need is typed into: a conversation is made of messages. */
export const fieldOf = (need: string) => (need === "conversation" ? "messages" : need);

/** The fields to show at first: the question, the answer, and what the metric needs. */
export function fieldsFor(required: readonly string[], more: readonly string[]): CaseField[] {
  const wanted = new Set<string>(["input", "actual_output", ...required.map(fieldOf), ...more]);
  return (Object.keys(CASE_FIELDS) as CaseField[]).filter((field) => wanted.has(field));
}

/** The test case that the texts say, and the fields whose text is no value. Empty fields are left out. */
export function caseOf(texts: CaseTexts): { value: Record<string, unknown>; wrong: CaseField[] } {
  const value: Record<string, unknown> = {};
  const wrong: CaseField[] = [];
  for (const field of Object.keys(CASE_FIELDS) as CaseField[]) {
    const text = texts[field] ?? "";
    if (text.trim() === "") continue;
    switch (CASE_FIELDS[field]) {
      case "text": value[field] = text; break;
      case "lines": value[field] = text.split("\n").map((line) => line.trim()).filter(Boolean); break;
      case "number": if (Number.isFinite(Number(text))) value[field] = Number(text); else wrong.push(field); break;
      case "json":
        try {
          value[field] = JSON.parse(text) as unknown;
        } catch {
          wrong.push(field);
        }
    }
  }
  return { value, wrong };
}

/** Parameters to begin with: what must be there, with room to fill in. */
export function initialParams(schema: JsonSchema): Record<string, unknown> | undefined {
  if (!schema.required?.length) return undefined;
  return initialOf({ ...schema, default: undefined }, schema) as Record<string, unknown>;
}
