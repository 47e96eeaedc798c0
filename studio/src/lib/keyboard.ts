import { useLayoutEffect, useRef } from "react";
import type { Both } from "@/i18n";

/** A key, or two that are pressed one after the other (`g a`), with what it does. `Mod` is Ctrl, or Cmd on a Mac. */
export interface Shortcut {
  keys: string;
  label: Both;
  run(event: KeyboardEvent): void;
  /** Whether it works while a person types into a field. */
  whileTyping?: boolean;
}

/** All shortcuts that work at the moment, for the page of help. */
export const active = new Set<readonly Shortcut[]>();

const isMac = () => /Mac|iPhone|iPad/.test(navigator.platform);

/** The keys as they are shown: `⌘K`, `Ctrl+K`, `g a`. */
export const shown = (keys: string) => keys.replace("Mod+", isMac() ? "⌘" : "Ctrl+");

/** Whether typed keys are meant for the element. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.shadowRoot !== null || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** The name of a pressed key in the notation of {@link Shortcut.keys}. */
export function nameOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `${event.ctrlKey || event.metaKey ? "Mod+" : ""}${event.altKey ? "Alt+" : ""}${key}`;
}

/** How long the second key of a sequence is waited for. */
const SEQUENCE_MS = 1000;

/** Shortcuts that work while the component is there. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  // Before the page is painted: what is seen can be used.
  useLayoutEffect(() => {
    let first: { name: string; at: number } | null = null;
    const list = latest.current;
    active.add(list);
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const name = nameOf(event);
      const typing = isTyping(event.target) || document.querySelector("dialog[open]") !== null;
      const pair = first && event.timeStamp - first.at < SEQUENCE_MS ? `${first.name} ${name}` : null;
      const found = latest.current.find(
        (shortcut) => (shortcut.keys === pair || shortcut.keys === name) && (!typing || shortcut.whileTyping),
      );
      first = found || typing ? null : { name, at: event.timeStamp };
      if (found) {
        event.preventDefault();
        found.run(event);
      }
    };
    window.addEventListener("keydown", pressed);
    return () => {
      window.removeEventListener("keydown", pressed);
      active.delete(list);
    };
  }, []);
}
