/** In this order: most browsers also name those that they want to be taken for. */
const BROWSERS: [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"], [/\bOPR\//, "Opera"], [/\b(Firefox|FxiOS)\//, "Firefox"], [/Chrom(e|ium)\/|CriOS\//, "Chrome"], [/\bSafari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"], [/Android/, "Android"], [/Windows/, "Windows"], [/Mac OS X|Macintosh/, "macOS"], [/Linux/, "Linux"],
];

/** What a person would call the browser of a `User-Agent`: `Firefox, Linux`. Another program is called by its own first word. */
export function deviceOf(userAgent: string | null): string | null {
  if (!userAgent) return null;
  const name = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = name(BROWSERS);
  return browser ? [browser, name(SYSTEMS)].filter(Boolean).join(", ") : (userAgent.split(/[\s/]/)[0] ?? null);
}
