// A metric of one's own in JavaScript: of the times that an answer promises ("within 3 days", "in 2 hours"), the share that is no longer
// than `max_hours`. It is built with componentize-qjs, which puts the source and QuickJS into one component, here from the repository's root:
//
//   npm ci --prefix examples/metrics/promised-times
//   npx --prefix examples/metrics/promised-times componentize-qjs --sync --stub-wasi --wit wit/assay-metric --world metric \
//     --js examples/metrics/promised-times/metric.js -o promised-times.wasm
//   cargo xtask metric promised-times promised-times.wasm
//
// With `--stub-wasi` it imports nothing: `console.log`, `Date.now()` and `Math.random()` trap, and equal cases get equal scores.

const HOURS = { minute: 1 / 60, hour: 1, day: 24, week: 168, month: 730 };
const PROMISE = /\b(?:within|in|takes?)\s+(?:about\s+|up\s+to\s+)?(\d+)\s*(?:to\s+(\d+)\s*)?(?:business\s+|working\s+)?(minute|hour|day|week|month)s?\b/gi;

/** Every promise of a time in a text: its words, and its longest time in hours. */
function promises(text) {
  return [...text.matchAll(PROMISE)].map(([words, from, to, unit]) => ({
    words,
    hours: Number(to ?? from) * HOURS[unit.toLowerCase()],
  }));
}

export const scorer = {
  describe() {
    return {
      name: "Promised times",
      description: "The share of the times that the answer promises which are no longer than a limit.",
      requiredFields: ["actual_output"],
      paramsSchema: JSON.stringify({
        type: "object",
        properties: {
          max_hours: { type: "number", exclusiveMinimum: 0, description: "The longest time that may be promised, in hours." },
        },
        required: ["max_hours"],
        additionalProperties: false,
      }),
    };
  },

  score(caseJson, paramsJson) {
    const { actual_output: answer } = JSON.parse(caseJson);
    const { max_hours: most } = JSON.parse(paramsJson);
    // An answer with images is a list of parts.
    const found = promises(typeof answer === "string" ? answer : JSON.stringify(answer));
    if (found.length === 0) {
      return { score: undefined, reason: "the answer promises no time", breakdown: [] };
    }
    const late = found.filter(({ hours }) => hours > most);
    const score = (found.length - late.length) / found.length;
    const reason = late.length === 0
      ? `all ${found.length} promised times are within ${most} hours`
      : `longer than ${most} hours: ${late.map(({ words }) => words).join("; ")}`;
    return { score, reason, breakdown: [] };
  },
};
