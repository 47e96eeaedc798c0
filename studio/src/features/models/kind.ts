import type { Schemas, Written } from "@/api/client";
import type { ResourceKind } from "@/resource/kind";

/** A model as the API shows it. */
export type Model = Schemas["Model"];
/** A model as it is written: what has a default may be left out. */
export type ModelSpec = Written<Schemas["ModelSpec"], "name" | "base_url" | "model">;
/** Whose API a model speaks. */
export type Provider = Schemas["ModelProvider"];

/** What the resource kit needs to know of models. */
export const modelKind: ResourceKind<Model> = {
  kind: "models",
  path: "/models",
  title: { en: "Models", vi: "Mô hình" },
  create: { en: "New model", vi: "Mô hình mới" },
  empty: {
    en: "A model judges answers, plays personas, and decides whether an outcome was reached. Add one that you have a key for, or a server of your own that speaks OpenAI's API.",
    vi: "Mô hình chấm câu trả lời, đóng vai người dùng và xét xem kết quả có đạt không. Hãy thêm một mô hình mà bạn có khóa, hoặc máy chủ của bạn dùng API của OpenAI.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: false,
};

/** The providers, with the address of those that have one. */
export const PROVIDERS: Record<Provider, { label: string; url: string; model: string }> = {
  openai_compatible: { label: "OpenAI-compatible", url: "", model: "llama-3.3-70b" },
  openai: { label: "OpenAI", url: "https://api.openai.com/v1", model: "gpt-4.1-mini" },
  azure_openai: { label: "Azure OpenAI", url: "", model: "gpt-4.1-mini" },
  anthropic: { label: "Anthropic", url: "https://api.anthropic.com/v1", model: "claude-sonnet-4-5" },
  gemini: { label: "Google Gemini", url: "https://generativelanguage.googleapis.com/v1beta", model: "gemini-2.5-flash" },
};

/** What a model may take of a request. */
export const CAPABILITIES = ["json_schema", "logprobs", "seed", "temperature"] as const;

/** A new model before anything is known of it. */
export const NEW_MODEL: ModelSpec = { name: "", provider: "openai_compatible", base_url: "", model: "" };

/** Another provider; an address that nobody wrote follows it. */
export function withProvider(spec: ModelSpec, provider: Provider): ModelSpec {
  const known = Object.values(PROVIDERS).some((one) => one.url === spec.base_url);
  return { ...spec, provider, base_url: known ? PROVIDERS[provider].url : spec.base_url };
}
