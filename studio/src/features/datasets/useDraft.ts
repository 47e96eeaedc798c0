import { useReducer } from "react";
import { CLEAN, type Draft } from "./draft";

interface History {
  past: readonly Draft[];
  now: Draft;
  future: readonly Draft[];
}

type Step = { type: "do"; draft: Draft } | { type: "undo" } | { type: "redo" } | { type: "saved"; draft: Draft };

/** Steps that can be taken back; older ones are forgotten. */
const DEPTH = 200;

function step(history: History, action: Step): History {
  const { past, now, future } = history;
  switch (action.type) {
    case "do": return action.draft === now ? history : { past: [...past.slice(-DEPTH), now], now: action.draft, future: [] };
    case "undo": { const before = past.at(-1); return before ? { past: past.slice(0, -1), now: before, future: [now, ...future] } : history; }
    case "redo": { const next = future[0]; return next ? { past: [...past, now], now: next, future: future.slice(1) } : history; }
    // What was saved is not taken back by the grid, but by the versions of the dataset.
    case "saved": return { past: [], now: action.draft, future: [] };
  }
}

/** The changes of items that are not saved, with the way back and forth. */
export function useDraft() {
  const [history, dispatch] = useReducer(step, { past: [], now: CLEAN, future: [] });
  return {
    draft: history.now,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    change: (draft: Draft) => dispatch({ type: "do", draft }),
    undo: () => dispatch({ type: "undo" }),
    redo: () => dispatch({ type: "redo" }),
    settle: (draft: Draft) => dispatch({ type: "saved", draft }),
  };
}

/** What {@link useDraft} gives. */
export type DraftState = ReturnType<typeof useDraft>;
