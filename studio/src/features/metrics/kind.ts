import { useQuery } from "@tanstack/react-query";
import { api, type Schemas, unwrap, type Written } from "@/api/client";
import type { JsonSchema } from "@/resource/schema/shape";
import type { ResourceKind } from "@/resource/kind";

/** A kind of metric as the catalogue describes it. */
export type CatalogueEntry = Schemas["CatalogueEntry"];
/** A metric of the workspace's library. */
export type LibraryMetric = Schemas["LibraryMetric"];
/** A metric of the library as it is written. */
export type LibraryMetricSpec = Omit<Written<Schemas["LibraryMetricSpec"], "name">, "metric"> & { metric: MetricSpec };
/** A metric as campaigns take it. */
export type MetricSpec = Written<Schemas["MetricSpec"], "kind">;
/** The name of a kind. */
export type MetricKind = Schemas["MetricKind"];

/** What the resource kit needs to know of the library. */
export const metricKind: ResourceKind<LibraryMetric> = {
  kind: "metric-library",
  path: "/metrics",
  title: { en: "Metrics", vi: "Chỉ số" },
  create: { en: "New metric", vi: "Chỉ số mới" },
  empty: {
    en: "A metric says how good an answer is, from 0 to 1. Choose one from the catalogue, set it up, try it on a case, and keep it here for campaigns.",
    vi: "Chỉ số cho biết câu trả lời tốt đến đâu, từ 0 đến 1. Hãy chọn từ danh mục, thiết lập, thử trên một trường hợp rồi lưu ở đây để dùng trong chiến dịch.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: true,
};

/** Every kind of metric that this installation has. */
export const useCatalogue = () =>
  useQuery({ queryKey: ["metric-catalogue"], queryFn: async () => (await unwrap(api.GET("/api/v1/metrics"))).data, staleTime: 5 * 60_000 });

/** The groups that the catalogue is looked through by, in order. */
export const METRIC_GROUPS = ["text", "rag", "agent", "conversation", "safety", "own", "image", "operation"] as const;
/** One of the groups. */
export type MetricGroup = (typeof METRIC_GROUPS)[number];

const MEMBERS: Record<MetricGroup, readonly string[]> = {
  text: ["exact_match", "regex", "contains", "json_schema", "bleu", "rouge", "chrf", "ter", "edit_similarity", "embedding_similarity", "readability", "length", "factual_correctness", "answer_relevancy", "summarization", "prompt_alignment"],
  rag: ["faithfulness", "contextual_precision", "contextual_recall", "contextual_relevancy", "hallucination", "noise_sensitivity", "ndcg", "precision_at_k", "recall_at_k", "hit_rate", "reciprocal_rank"],
  agent: ["tool_correctness", "tool_call_accuracy", "argument_correctness", "tool_selection", "tool_permission", "agent_loop_detection", "task_completion", "step_efficiency", "plan_quality", "plan_adherence", "tool_use", "mcp_use", "multi_turn_mcp_use", "mcp_task_completion"],
  conversation: ["turn_relevancy", "turn_faithfulness", "turn_contextual_precision", "turn_contextual_recall", "turn_contextual_relevancy", "knowledge_retention", "conversation_completeness", "role_adherence", "goal_accuracy", "topic_adherence", "conversational_g_eval", "conversational_dag"],
  safety: ["bias", "toxicity", "pii_leakage", "non_advice", "misuse", "role_violation"],
  own: ["g_eval", "dag", "aspect_critic", "jev_eval", "custom_prompt", "expression", "program", "webhook", "component"],
  image: ["text_to_image", "image_editing", "image_coherence", "image_helpfulness", "image_reference"],
  operation: ["latency", "cost"],
};

/** The group of a kind; one that nobody has sorted in yet counts as one of your own. */
export const groupOf = (kind: string): MetricGroup => METRIC_GROUPS.find((group) => MEMBERS[group].includes(kind)) ?? "own";

/** What of the catalogue has the words, in the group, and needs no judge where that is asked for. */
export function chosenOf(all: readonly CatalogueEntry[], { q, group, judge }: { q: string; group: string; judge: string }): CatalogueEntry[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((entry) => {
    if (group && groupOf(entry.kind) !== group) return false;
    if (judge && String(entry.needs_judge) !== judge) return false;
    const text = `${entry.name} ${entry.kind} ${entry.description} ${entry.required_fields.join(" ")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The schema of a kind's parameters. Of composed components, the chosen one's own stands in its place. */
export function paramsSchema(entry: CatalogueEntry, params: unknown): JsonSchema {
  const schema = entry.params_schema as JsonSchema;
  const components = entry.components ?? [];
  if (components.length === 0) return schema;
  const chosen = components.find((one) => one.component === (params as { component?: unknown } | null | undefined)?.component);
  return { ...schema, properties: {
    ...schema.properties,
    component: { ...schema.properties?.component, enum: components.map((one) => one.component) },
    ...(chosen ? { params: chosen.params_schema as JsonSchema } : {}),
  } };
}
