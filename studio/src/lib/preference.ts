import { useSyncExternalStore } from "react";

/** A choice of this browser's user, kept between visits and shared by the tabs of the browser. */
export interface Preference<T extends string> {
  get(): T;
  set(value: T): void;
  /** The value in a component, which renders again when it changes. */
  use(): T;
  subscribe(listener: () => void): () => void;
}

/** A preference with the values it may have; `fallback` tells the first one. */
export function preference<T extends string>(key: string, values: readonly T[], fallback: () => T): Preference<T> {
  const listeners = new Set<() => void>();
  const read = (): T => {
    // Storage may be forbidden; the fallback must do then.
    try {
      const kept = localStorage.getItem(key);
      return values.find((value) => value === kept) ?? fallback();
    } catch {
      return fallback();
    }
  };
  let current = read();
  const change = (value: T) => {
    if (value === current) return;
    current = value;
    for (const listener of listeners) listener();
  };
  window.addEventListener("storage", (event) => {
    if (event.key === key) change(read());
  });
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    get: () => current,
    set(value) {
      try {
        localStorage.setItem(key, value);
      } catch {
        // Kept for this page alone.
      }
      change(value);
    },
    use: () => useSyncExternalStore(subscribe, () => current),
    subscribe,
  };
}
