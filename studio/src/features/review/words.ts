/** Landis and Koch's words for a coefficient of agreement. */
export function strength(value: number | null): "almost" | "substantial" | "moderate" | "fair" | "slight" | "poor" | "undefined" {
  if (value === null) return "undefined";
  if (value <= 0) return "poor";
  if (value <= 0.2) return "slight";
  if (value <= 0.4) return "fair";
  if (value <= 0.6) return "moderate";
  return value <= 0.8 ? "substantial" : "almost";
}

/** The words for yes and no that answers are shown in. */
export const yesNo = (t: (key: "yes" | "no") => string) => ({ yes: t("yes"), no: t("no") });
