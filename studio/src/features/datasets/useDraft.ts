import { useEffect, useReducer, useRef } from "react";
import { keptDraft, useUnsaved } from "@/resource/kept";
import { CLEAN, type Draft, type PackedDraft, packed, sizeOf, unpacked } from "./draft";

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

/** The changes of items that are not saved, with the way back and forth. `question` is asked before they are left. */
export function useDraft(question: string) {
  const [history, dispatch] = useReducer(step, null, (): History => {
    const kept = keptDraft<PackedDraft>("items");
    return { past: [], now: kept ? unpacked(kept) : CLEAN, future: [] };
  });
  const size = sizeOf(history.now);
  const saved = useRef(false);
  useEffect(() => { saved.current = false; }, [size]);
  // Packed only when it is put aside.
  useUnsaved("items", size > 0 ? { toJSON: () => packed(history.now) } : null, question, saved);
  return {
    saved,
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
