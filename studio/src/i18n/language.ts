import { preference } from "@/lib/preference";

/** The languages of the Studio. */
export const LANGUAGES = ["en", "vi"] as const;
/** One of them. */
export type Language = (typeof LANGUAGES)[number];

/** What each calls itself. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", vi: "Tiếng Việt" };

const wanted = (): Language => {
  const first = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === "en" || tag === "vi");
  return first === "vi" ? "vi" : "en";
};

/** The chosen language; at first the browser's. */
export const language = preference<Language>("assay.language", LANGUAGES, wanted);

/** The tag for `Intl`: the browser's own variant of the language, where it has one (en-GB, en-US). */
export const locale = (): string =>
  navigator.languages.find((tag) => tag.startsWith(language.get())) ?? (language.get() === "vi" ? "vi-VN" : "en-US");
