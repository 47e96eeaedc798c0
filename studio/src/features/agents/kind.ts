import type { Schemas, Written } from "@/api/client";
import type { ResourceKind } from "@/resource/kind";

/** An agent as the API shows it. */
export type Agent = Schemas["Agent"];
/** An agent as it is written: what has a default may be left out. */
export type AgentSpec = Written<Schemas["AgentSpec"], "name" | "kind" | "url">;

/** What the resource kit needs to know of agents. */
export const agentKind: ResourceKind<Agent> = {
  kind: "agents",
  path: "/agents",
  title: { en: "Agents", vi: "Tác tử" },
  create: { en: "New agent", vi: "Tác tử mới" },
  empty: {
    en: "An agent is what you evaluate: an address that answers messages. Paste its URL, or a curl command that calls it.",
    vi: "Tác tử là thứ bạn đánh giá: một địa chỉ trả lời tin nhắn. Hãy dán URL hoặc lệnh curl gọi đến nó.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: true,
};

/** A new agent before anything is known of it. */
export const NEW_AGENT: AgentSpec = { name: "", kind: "openai_chat", url: "", auth: { type: "none" } };

/** The protocols, in the order they are offered. */
export const PROTOCOLS: Record<AgentSpec["kind"], string> = {
  openai_chat: "OpenAI Chat Completions",
  openai_responses: "OpenAI Responses",
  anthropic_messages: "Anthropic Messages",
  a2a: "Agent2Agent (A2A)",
  http: "HTTP, JSON",
};

/** Whether the platform offers an agent of this protocol tools; all others run theirs themselves. */
export const takesTools = (kind: AgentSpec["kind"]) => kind === "openai_chat" || kind === "openai_responses" || kind === "anthropic_messages";
