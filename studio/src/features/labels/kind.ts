import type { Schemas, Written } from "@/api/client";
import type { Both } from "@/i18n";
import type { ResourceKind } from "@/resource/kind";

/** A label schema as the API shows it. */
export type LabelSchema = Schemas["LabelSchema"];
/** A label schema as it is written. */
export type LabelSpec = Written<Schemas["LabelSchemaSpecInput"], "name" | "kind">;

/** What the resource kit needs to know of label schemas. */
export const labelKind: ResourceKind<LabelSchema> = {
  kind: "label-schemas",
  path: "/label-schemas",
  title: { en: "Label schemas", vi: "Mẫu nhãn" },
  create: { en: "New label schema", vi: "Mẫu nhãn mới" },
  empty: {
    en: "A label schema is a question that people answer about what an agent did: yes or no, a number, one of several labels, or words. Review queues ask it.",
    vi: "Mẫu nhãn là câu hỏi để con người trả lời về việc tác tử đã làm: có hoặc không, một con số, một trong các nhãn, hoặc lời văn. Hàng đợi đánh giá sẽ hỏi câu này.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: true,
};

/** A new schema: the question that fits most judges. */
export const NEW_LABEL: LabelSpec = { name: "", kind: "boolean", target: "case", required: true };

/** What an answer is. */
export const LABEL_KINDS: Record<LabelSpec["kind"], Both> = {
  boolean: { en: "Yes or no", vi: "Có hoặc không" },
  categorical: { en: "One of several labels", vi: "Một trong các nhãn" },
  numeric: { en: "A number", vi: "Một con số" },
  text: { en: "Words", vi: "Lời văn" },
};

/** What an answer is about. */
export const LABEL_TARGETS: Record<Schemas["LabelTarget"], Both> = {
  case: { en: "The whole case", vi: "Cả trường hợp" },
  turn: { en: "Each turn", vi: "Từng lượt" },
  observation: { en: "An observation of the trace", vi: "Một quan sát của vết" },
};

/** The schema with another kind: what only the old kind has is left out, and what the new one needs is there. */
export function withKind(spec: LabelSpec, kind: LabelSpec["kind"]): LabelSpec {
  const { categories, ordered, min, max, step, ...rest } = spec;
  if (kind === "numeric") return { ...rest, kind, min: min ?? 1, max: max ?? 5, step: step ?? 1 };
  if (kind === "categorical") {
    return { ...rest, kind, ordered: ordered ?? true, categories: categories ?? [{ label: "no", score: 0 }, { label: "partly", score: 0.5 }, { label: "yes", score: 1 }] };
  }
  return { ...rest, kind };
}
