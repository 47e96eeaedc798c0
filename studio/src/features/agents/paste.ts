import type { Json } from "@/lib/pointer";
import { type AgentSpec, NEW_AGENT } from "./kind";

/** The words of a shell command: quotes, escapes, lines that go on. */
export function words(command: string): string[] {
  const found: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < command.length; at += 1) {
    const char = command[at] ?? "";
    if (char === "'" || (char === "$" && command[at + 1] === "'")) {
      const start = char === "$" ? at + 2 : at + 1;
      const end = command.indexOf("'", start);
      word = (word ?? "") + command.slice(start, end < 0 ? undefined : end);
      at = end < 0 ? command.length : end;
    } else if (char === '"') {
      word ??= "";
      for (at += 1; at < command.length && command[at] !== '"'; at += 1) {
        if (command[at] === "\\" && '"\\$`\n'.includes(command[at + 1] ?? " ")) at += 1;
        word += command[at];
      }
    } else if (char === "\\") {
      at += 1;
      if (command[at] === "\r") at += 1;
      if (command[at] !== "\n") word = (word ?? "") + (command[at] ?? "");
    } else if (/\s/.test(char)) {
      if (word !== null) found.push(word);
      word = null;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (word !== null) found.push(word);
  return found;
}

interface Call {
  url: string;
  headers: [string, string][];
  body: string;
}

/** Options of curl that take a value and say nothing about the agent. */
const VALUED = /^(-X|--request|-o|--output|-m|--max-time|--connect-timeout|-A|--user-agent|--retry|-w|--write-out|--cacert|-e|--referer)$/;

function callOf(command: string): Call | null {
  const [program, ...rest] = words(command);
  if (program !== "curl") return null;
  const call: Call = { url: "", headers: [], body: "" };
  for (let at = 0; at < rest.length; at += 1) {
    let option = rest[at] ?? "";
    let value = rest[at + 1] ?? "";
    let own = false;
    // `--data=x` and `-Hname: value`.
    const joined = /^(--[\w-]+)=(.*)$/s.exec(option) ?? /^(-[HdXum])(.+)$/s.exec(option);
    if (joined) [option, value, own] = [joined[1] ?? "", joined[2] ?? "", true];
    const took = () => {
      if (!own) at += 1;
    };
    if (option === "-H" || option === "--header") {
      const colon = value.indexOf(":");
      if (colon > 0) call.headers.push([value.slice(0, colon).trim(), value.slice(colon + 1).trim()]);
      took();
    } else if (/^(-d|--data|--data-raw|--data-binary|--data-ascii|--json)$/.test(option)) {
      call.body += value;
      took();
    } else if (option === "--url") {
      call.url = value;
      took();
    } else if (option === "-u" || option === "--user") {
      call.headers.push(["Authorization", `Basic ${btoa(value)}`]);
      took();
    } else if (VALUED.test(option)) {
      took();
    } else if (!option.startsWith("-") && !call.url) {
      call.url = option;
    }
  }
  return call.url ? call : null;
}

const isRecord = (value: unknown): value is Record<string, Json> => value !== null && typeof value === "object" && !Array.isArray(value);

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The protocol, by the path that is called and by what is sent. */
function protocolOf(url: string, body: Json | undefined): AgentSpec["kind"] {
  const path = url.replace(/[?#].*$/, "").replace(/\/+$/, "");
  if (path.endsWith("/chat/completions")) return "openai_chat";
  if (path.endsWith("/v1/responses")) return "openai_responses";
  if (path.endsWith("/v1/messages")) return "anthropic_messages";
  if (isRecord(body)) {
    if (body.jsonrpc !== undefined) return "a2a";
    if (Array.isArray(body.messages)) return "openai_chat";
    return "http";
  }
  return "openai_chat";
}

/** Names under which bodies carry what the user says. */
const MESSAGE = /^(input|message|question|query|prompt|text|content|user_input|utterance)$/i;

/** A body as a template: the first thing that looks like the user's words becomes `{{ input }}`. */
export function templateOf(body: Json): Json {
  let done = false;
  const walk = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(walk);
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => {
      if (!done && typeof child === "string" && MESSAGE.test(key)) {
        done = true;
        return [key, "{{ input }}"];
      }
      return [key, walk(child)];
    }));
  };
  return walk(body);
}

/** Headers that the platform sets by itself. */
const OWN = /^(content-type|accept|content-length|host|user-agent|connection)$/i;
const SECRET = /(^authorization$|key|token|secret)/i;

/** What a pasted URL or curl command says of an agent; null for anything else. */
export function agentOf(pasted: string): AgentSpec | null {
  const text = pasted.trim().replace(/^\$\s+/, "");
  const call = /^https?:\/\/\S+$/i.test(text) ? { url: text, headers: [], body: "" } : callOf(text);
  if (!call) return null;
  const url = /^https?:\/\//i.test(call.url) ? call.url : `http://${call.url}`;
  if (!URL.canParse(url)) return null;
  const body = call.body ? parsed(call.body) : undefined;
  const kind = protocolOf(url, body);
  const spec: AgentSpec = { ...NEW_AGENT, name: new URL(url).hostname, kind, url };
  const headers: Record<string, string> = {};
  for (const [name, value] of call.headers) {
    const bearer = /^authorization$/i.test(name) ? /^bearer\s+(.+)$/i.exec(value)?.[1] : undefined;
    // A variable of a shell is no secret, only where it was.
    const secret = (bearer ?? value).startsWith("$") ? undefined : (bearer ?? value);
    if (OWN.test(name)) continue;
    if (spec.auth?.type === "none" && SECRET.test(name)) {
      spec.auth = bearer === undefined ? { type: "header", name } : { type: "bearer" };
      if (secret) spec.credential = secret;
    } else if (!(kind === "anthropic_messages" && /^anthropic-version$/i.test(name))) {
      headers[name] = value;
    }
  }
  if (Object.keys(headers).length > 0) spec.headers = headers;
  if (isRecord(body)) {
    if (kind === "http") spec.body_template = templateOf(body) as never;
    else if (typeof body.model === "string") spec.model = body.model;
    if (kind !== "http" && typeof body.max_tokens === "number" && kind !== "a2a") spec.max_tokens = body.max_tokens;
    const system = Array.isArray(body.messages) ? body.messages.find((one) => isRecord(one) && one.role === "system") : undefined;
    const prompt = isRecord(system) ? system.content : kind === "anthropic_messages" ? body.system : kind === "openai_responses" ? body.instructions : undefined;
    if (typeof prompt === "string") spec.system_prompt = prompt;
    if (body.stream === true) spec.stream = true;
  }
  return spec;
}
