/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The keys that a JSON pointer (RFC 6901) goes through. */
export function keysOf(pointer: string): string[] {
  if (pointer === "") return [];
  return pointer.slice(1).split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The pointer that goes through these keys. */
export const pointerOf = (...keys: (string | number)[]) =>
  keys.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** The value at a pointer; undefined where there is none. */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const key of keysOf(pointer)) {
    if (value === null || typeof value !== "object") return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** A copy of the document with another value at the pointer; `undefined` takes the value away. */
export function withValue<T>(document: T, pointer: string, value: unknown): T {
  const put = (target: unknown, keys: string[]): unknown => {
    const [key, ...rest] = keys;
    if (key === undefined) return value;
    if (Array.isArray(target)) {
      const copy = [...target];
      const index = key === "-" ? copy.length : Number(key);
      const next = put(copy[index], rest);
      if (next === undefined) copy.splice(index, 1);
      else copy[index] = next;
      return copy;
    }
    const copy: Record<string, unknown> = { ...(target as Record<string, unknown> | null) };
    const next = put(copy[key], rest);
    if (next === undefined) delete copy[key];
    else copy[key] = next;
    return copy;
  };
  return put(document, keysOf(pointer)) as T;
}
