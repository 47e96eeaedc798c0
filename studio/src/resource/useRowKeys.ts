import { useState } from "react";

/**
 * Keys of the rows of a list that have no id, so that what is typed in one and not read yet stays with it when another goes.
 * `drop` forgets the row that is about to be taken away.
 */
export function useRowKeys(length: number): { keys: readonly number[]; drop(index: number): void } {
  const [state, setState] = useState(() => ({ keys: Array.from({ length }, (_, at) => at), next: length }));
  let { keys, next } = state;
  if (keys.length !== length) {
    // Rows come at the end. Fewer without `drop` means that the list was put back as it was.
    keys = keys.slice(0, length);
    while (keys.length < length) keys = [...keys, next++];
    setState({ keys, next });
  }
  return { keys, drop: (index) => setState((before) => ({ ...before, keys: before.keys.filter((_, at) => at !== index) })) };
}
