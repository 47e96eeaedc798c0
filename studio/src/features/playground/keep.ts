import { newId } from "./state";
import type { Call, State } from "./types";

/** A page that is this short lies in the address itself, so that the link can be given to others. */
const SHORT = 1500;
/** So many calls of a visit are remembered. */
const MOST_CALLS = 30;

const PREFIX = "assay.playground";

/** What is in the address: the page itself, or under which id this tab keeps it. */
export type Kept = { state: string; id: "" } | { state: ""; id: string };

const encode = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const decode = (text: string) => new TextDecoder().decode(Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0)));

function isState(value: unknown): value is State {
  const { panels, values, lists } = (value ?? {}) as Partial<State>;
  return Array.isArray(panels) && panels.length > 0 && panels.every((panel) => Array.isArray(panel?.entries) && typeof panel.settings === "object") && typeof values === "object" && typeof lists === "object";
}

function parsed(text: string | null): State | null {
  try {
    const value = JSON.parse(text ?? "") as unknown;
    return isState(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * What the browser keeps for as long as the tab is open, apart for each workspace. It may be full or forbidden: then the page lives
 * until it is reloaded.
 */
export class Keep {
  constructor(readonly workspace: string, readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem"> = sessionStorage) {}

  #key(name: string) {
    return `${PREFIX}.${this.workspace}.${name}`;
  }

  #read(name: string): string | null {
    try {
      return this.storage.getItem(this.#key(name));
    } catch {
      return null;
    }
  }

  #write(name: string, text: string): boolean {
    try {
      this.storage.setItem(this.#key(name), text);
      return true;
    } catch {
      return false;
    }
  }

  /** Keeps the page; the answer belongs into the address. `id` is what the page was kept by until now. */
  save(state: State, id: string): Kept {
    const text = JSON.stringify(state);
    const short = text.length < SHORT ? encode(text) : "";
    const own = id || newId();
    const kept: Kept = short && short.length <= SHORT ? { state: short, id: "" } : { state: "", id: own };
    if (kept.id) this.#write(`page.${own}`, text);
    this.#write("last", JSON.stringify(kept));
    return kept;
  }

  /** The page of an address; null where there is none, or none in this tab. */
  load({ state, id }: { state: string; id: string }): State | null {
    if (id) return parsed(this.#read(`page.${id}`));
    try {
      return state ? parsed(decode(state)) : null;
    } catch {
      return null;
    }
  }

  /** The address of the page that was there last. */
  last(): Kept | null {
    try {
      const value = JSON.parse(this.#read("last") ?? "null") as Kept | null;
      return value && this.load(value) ? value : null;
    } catch {
      return null;
    }
  }

  /** The calls of this visit, the newest first. */
  calls(): Call[] {
    try {
      const value = JSON.parse(this.#read("calls") ?? "[]") as unknown;
      return Array.isArray(value) ? (value as Call[]) : [];
    } catch {
      return [];
    }
  }

  /** Remembers the newest calls; where they do not fit, fewer. */
  saveCalls(calls: readonly Call[]): void {
    for (let count = Math.min(calls.length, MOST_CALLS); count > 0; count = Math.floor(count / 2)) {
      if (this.#write("calls", JSON.stringify(calls.slice(0, count)))) return;
    }
    this.#write("calls", "[]");
  }
}

/** The calls with one more before them. */
export const withCall = (calls: readonly Call[], call: Call): Call[] => [call, ...calls].slice(0, MOST_CALLS);
