import type { Asked, Content, Entry, Panel, Role, Said, Sent, Settings, Source, State } from "./types";

/** So many panels fit beside each other. */
export const MOST_PANELS = 4;

/** A name for a panel or a message that nothing else has. */
export const newId = () => crypto.randomUUID().slice(0, 8);

export const NO_SETTINGS: Settings = { temperature: "", max_tokens: "", seed: "", schema: "" };

export const said = (role: Role, content: Content = "", more: Partial<Said> = {}): Said => ({ id: newId(), role, content, ...more });

/** Messages of the API as entries of a panel. */
export const entriesOf = (messages: readonly Sent[]): Said[] =>
  messages.map(({ role, content, tool_calls }) => said(role, content, tool_calls && tool_calls.length > 0 ? { calls: tool_calls } : {}));

/** A panel with a word of the user to be written. */
export const newPanel = (more: Partial<Omit<Panel, "id">> = {}): Panel => ({
  id: newId(), model: null, settings: NO_SETTINGS, entries: [said("user")], source: null, ...more,
});

/** A page with one panel. */
export const newState = (panel: Panel = newPanel()): State => ({ panels: [panel], values: {}, lists: {} });

/** The name of the panel at a place: A, B, C, D. */
export const letterOf = (index: number) => String.fromCharCode(65 + index);

/** What can be done to the page. */
export type Action =
  | { do: "add" }
  | { do: "duplicate"; panel: string }
  | { do: "remove"; panel: string }
  | { do: "model"; panel: string; model: string }
  | { do: "setting"; panel: string; name: keyof Settings; value: string }
  | { do: "source"; panel: string; source: Source | null }
  /** Puts a prompt in, with the settings that lie beside it. */
  | { do: "load"; panel: string; source: Source; entries: Entry[]; settings: Partial<Settings>; model: string | null }
  /** Puts back what was asked before, as it was sent. */
  | { do: "take"; panel: string; asked: Asked }
  | { do: "append"; panel: string; entries: Entry[] }
  | { do: "change"; panel: string; entry: string; to: Partial<Said> & { place?: string } }
  | { do: "move"; panel: string; entry: string; by: -1 | 1 }
  | { do: "drop"; panel: string; entry: string }
  | { do: "value"; name: string; value: string }
  | { do: "list"; name: string; value: string }
  | { do: "replace"; state: State };

/** The page after an action. */
export function reduce(state: State, action: Action): State {
  switch (action.do) {
    case "replace":
      return action.state;
    case "value":
      return { ...state, values: { ...state.values, [action.name]: action.value } };
    case "list":
      return { ...state, lists: { ...state.lists, [action.name]: action.value } };
    case "add": {
      if (state.panels.length >= MOST_PANELS) return state;
      // Who adds a panel mostly wants the same model with other words, or other words with the same model: settings stay, words do not.
      const last = state.panels.at(-1);
      return { ...state, panels: [...state.panels, newPanel(last ? { model: last.model, settings: last.settings } : {})] };
    }
    case "duplicate": {
      const at = state.panels.findIndex((panel) => panel.id === action.panel);
      const panel = state.panels[at];
      if (!panel || state.panels.length >= MOST_PANELS) return state;
      const copy = { ...panel, id: newId(), entries: panel.entries.map((entry) => ({ ...entry, id: newId() })) };
      return { ...state, panels: [...state.panels.slice(0, at + 1), copy, ...state.panels.slice(at + 1)] };
    }
    case "remove":
      return state.panels.length < 2 ? state : { ...state, panels: state.panels.filter((panel) => panel.id !== action.panel) };
    default:
      return { ...state, panels: state.panels.map((panel) => (panel.id === action.panel ? reducePanel(panel, action) : panel)) };
  }
}

function reducePanel(panel: Panel, action: Action): Panel {
  switch (action.do) {
    case "model":
      return { ...panel, model: action.model };
    case "setting":
      return { ...panel, settings: { ...panel.settings, [action.name]: action.value } };
    case "source":
      return { ...panel, source: action.source };
    case "load":
      return { ...panel, source: action.source, entries: action.entries, settings: { ...panel.settings, ...action.settings }, model: action.model ?? panel.model };
    case "take": {
      const { temperature, max_tokens, seed, response_schema, messages } = action.asked;
      const text = (value: unknown) => (value === undefined || value === null ? "" : String(value));
      const settings = { temperature: text(temperature), max_tokens: text(max_tokens), seed: text(seed), schema: response_schema ? JSON.stringify(response_schema, null, 2) : "" };
      return { ...panel, entries: entriesOf(messages), settings };
    }
    case "append":
      return { ...panel, entries: [...panel.entries, ...action.entries] };
    case "change":
      return { ...panel, entries: panel.entries.map((entry) => (entry.id === action.entry ? ({ ...entry, ...action.to } as Entry) : entry)) };
    case "drop":
      return { ...panel, entries: panel.entries.filter((entry) => entry.id !== action.entry) };
    case "move": {
      const from = panel.entries.findIndex((entry) => entry.id === action.entry);
      const to = from + action.by;
      const [a, b] = [panel.entries[from], panel.entries[to]];
      if (!a || !b) return panel;
      return { ...panel, entries: panel.entries.map((entry, index) => (index === from ? b : index === to ? a : entry)) };
    }
    default:
      return panel;
  }
}

/** The words of a content, one below the other; pictures have none. */
export const wordsOf = (content: Content): string =>
  typeof content === "string" ? content : content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");

/** Whether there is neither a word nor a picture. */
export const isEmpty = (content: Content) => (typeof content === "string" ? content.trim() === "" : content.every((part) => part.type === "text" && part.text.trim() === ""));
