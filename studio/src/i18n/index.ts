import { useCallback, useMemo } from "react";
import { language, type Language, locale } from "./language";

export { LANGUAGE_NAMES, LANGUAGES, language, locale } from "./language";
export type { Language } from "./language";

/** A text, or texts by the plural category of `n`. `{name}` is replaced by the parameter of that name. */
export type Message = string | { one?: string; other: string };
/** The text of a thing that is not in a table: a title in a registry, say. */
export type Both = Record<Language, string>;

type Table = Record<string, Message>;
// What has a space or another brace in it, `{{ input }}`, is no name but text.
type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${string} ${string}` | `${string}{${string}` ? never : Name) | Names<Rest>
  : never;
type Parameters_<M> = M extends string ? Names<M> : M extends { other: infer O extends string } ? Names<O> | "n" : never;

/** What a text is given: nothing where it has no `{name}`. */
export type Given<M> = [Parameters_<M>] extends [never] ? [] : [Record<Parameters_<M>, string | number>];

/** The texts of one feature in every language. */
export interface Texts<E extends Table> {
  en: E;
  vi: Record<keyof E, Message>;
}

/** Looks up a text and fills in its parameters. */
export type Translate<E extends Table> = <K extends keyof E & string>(key: K, ...given: Given<E[K]>) => string;

/**
 * Texts of a feature. A key without its Vietnamese is a compile error; so is a parameter that is not given.
 *
 * One file a feature, so that people who add features do not meet in one table.
 */
export function texts<const E extends Table>(both: { en: E; vi: Record<keyof E, Message> }): Texts<E> {
  return both;
}

/** Making one is slow, and rows of lists ask for many. */
const once = <T>(make: (tag: string) => T) => {
  const made = new Map<string, T>();
  return (): T => {
    const tag = locale();
    let found = made.get(tag);
    if (!found) made.set(tag, (found = make(tag)));
    return found;
  };
};
const plurals = once((tag) => new Intl.PluralRules(tag));
const numbers = once((tag) => new Intl.NumberFormat(tag));

function plural(message: Message, given: Record<string, string | number> | undefined): string {
  if (typeof message === "string") return message;
  const category = plurals().select(Number(given?.n ?? 0));
  return (category === "one" ? message.one : undefined) ?? message.other;
}

/** The text of a message with its parameters; numbers are written as the language writes them. */
export function fill(message: Message, given?: Record<string, string | number>): string {
  const text = plural(message, given);
  if (!given) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = given[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? numbers().format(value) : value;
  });
}

/** `t` outside of components; it speaks the language of the moment. */
export function translate<E extends Table>(table: Texts<E>): Translate<E> {
  return (key, ...given) => fill(table[language.get()][key], given[0] as Record<string, string | number> | undefined);
}

/** `t` of a feature's texts. The component renders again when the language changes. */
export function useText<E extends Table>(table: Texts<E>): Translate<E> {
  const chosen = language.use();
  // `chosen` is not used by name, but it is what the result depends on.
  return useMemo(() => translate(table), [table, chosen]);
}

/** One text that is in no table. */
export function useBoth(): (both: Both) => string {
  const chosen = language.use();
  return useCallback((both) => both[chosen], [chosen]);
}
