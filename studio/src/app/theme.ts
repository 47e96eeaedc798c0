import { preference } from "@/lib/preference";

/** What may be chosen. */
export const THEMES = ["system", "light", "dark"] as const;
/** One of them. */
export type Theme = (typeof THEMES)[number];

/** The chosen theme. */
export const theme = preference<Theme>("assay.theme", THEMES, () => "system");

/** Writes the theme on the root element, now and whenever the choice or the system changes. */
export function followTheme(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = theme.get();
    document.documentElement.dataset.theme = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
  };
  dark.addEventListener("change", apply);
  theme.subscribe(apply);
  apply();
}
