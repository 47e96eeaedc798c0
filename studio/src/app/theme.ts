import { useSyncExternalStore } from "react";
import { preference } from "@/lib/preference";

/** What may be chosen. */
export const THEMES = ["system", "light", "dark"] as const;
/** One of them. */
export type Theme = (typeof THEMES)[number];

/** The chosen theme. */
export const theme = preference<Theme>("assay.theme", THEMES, () => "system");

const dark = matchMedia("(prefers-color-scheme: dark)");
const resolved = () => (theme.get() === "system" ? (dark.matches ? "dark" : "light") : theme.get());

/** `light` or `dark`, whichever is seen; for what is drawn on a canvas and does not follow styles by itself. */
export const useSeenTheme = () =>
  useSyncExternalStore((listener) => {
    dark.addEventListener("change", listener);
    const stop = theme.subscribe(listener);
    return () => {
      dark.removeEventListener("change", listener);
      stop();
    };
  }, resolved);

/** Writes the theme on the root element, now and whenever the choice or the system changes. */
export function followTheme(): void {
  const apply = () => {
    document.documentElement.dataset.theme = resolved();
  };
  dark.addEventListener("change", apply);
  theme.subscribe(apply);
  apply();
}
