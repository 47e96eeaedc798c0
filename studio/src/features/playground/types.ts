import type { Schemas } from "@/api/client";

/** Text in which pictures may stand. */
export type Content = Schemas["Content"];
/** Who speaks. */
export type Role = Schemas["Role2"];
/** A call of a tool by the assistant. */
export type ToolCall = Schemas["ToolCall"];

/** The speakers in the order in which they are offered. */
export const ROLES: readonly Role[] = ["system", "user", "assistant", "tool"];

/** A message of a panel. */
export interface Said {
  id: string;
  role: Role;
  content: Content;
  calls?: ToolCall[];
}

/** A place that a list of messages goes into, as chat prompts have them. */
export interface Place {
  id: string;
  place: string;
}

/** What a conversation consists of. */
export type Entry = Said | Place;

/** Settings as they are typed; what is empty is the model's own. */
export interface Settings {
  temperature: string;
  max_tokens: string;
  seed: string;
  schema: string;
}

/** The version of a prompt that a panel was filled with. */
export interface Source {
  id: string;
  name: string;
  version: number;
}

/** One conversation with one model. */
export interface Panel {
  id: string;
  model: string | null;
  settings: Settings;
  entries: Entry[];
  source: Source | null;
}

/** All that is on the page, results aside. */
export interface State {
  panels: Panel[];
  /** Values of variables, shared by all panels. */
  values: Record<string, string>;
  /** Messages for places, as JSON, shared by all panels. */
  lists: Record<string, string>;
}

/** A message as it is sent. */
export interface Sent {
  role: Role;
  content: Content;
  tool_calls?: ToolCall[];
}

/** What is asked of a model; what is left out is as the model's own settings say. */
export type Asked = { messages: Sent[] } & Partial<Omit<Schemas["ModelChatRequest"], "messages">>;

/** What became of a call, as the API tells it at the end of the stream. */
export type Reply = Schemas["ModelChatReply"];

/** A request that was refused, or that nothing answered. */
export interface Refused {
  denied: boolean;
  /** There is no such model any more. */
  gone: boolean;
  offline: boolean;
  message: string;
  requestId: string | null;
}

/** Where the last call of a panel stands. */
export type Outcome =
  | { state: "running"; text: string }
  | { state: "done"; text: string; reply: Reply }
  /** Somebody stopped it. */
  | { state: "stopped"; text: string }
  /** The stream ended before its answer. */
  | { state: "broken"; text: string }
  | { state: "failed"; text: string; refused: Refused };

/** A call and what came of it, as this visit remembers it. */
export interface Call {
  id: string;
  panel: string;
  /** Which panel it was, as the page names it: A, B. */
  letter: string;
  /** The model's name. */
  model: string;
  at: number;
  asked: Asked;
  outcome: Outcome;
}

export const isPlace = (entry: Entry): entry is Place => "place" in entry;
