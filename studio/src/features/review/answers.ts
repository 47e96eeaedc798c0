import type { Schemas } from "@/api/client";

/** A label schema as a queue asks it. */
export type AskedSchema = Schemas["KeptLabelSchema"];
type Spec = AskedSchema["spec"];
export type LabelAnswer = Schemas["LabelAnswer"];

/** One thing to answer: a schema about the case, about one turn, or about one observation. */
export interface Question {
  key: string;
  spec: Spec;
  turn: number | null;
  observation: { id: string; name: string } | null;
  /** Whether nothing can be sent without it. */
  required: boolean;
}

/** What was answered so far. */
export interface Answered {
  value?: unknown;
  note?: string;
}

/** An answer that is chosen rather than typed, with the key that chooses it. */
export interface Option {
  value: unknown;
  label: string;
  key: string;
  description?: string | undefined;
}

/** All that is asked of an item, in the order of the queue's schemas. */
export function questionsOf(schemas: readonly AskedSchema[], turns: number, observations: readonly { id: string; name: string }[]): Question[] {
  return schemas.flatMap(({ spec }): Question[] => {
    if (spec.target === "turn") {
      return Array.from({ length: turns }, (_, turn) => ({ key: `${spec.name} turn ${turn}`, spec, turn, observation: null, required: false }));
    }
    if (spec.target === "observation") {
      return observations.map((observation) => ({ key: `${spec.name} observation ${observation.id}`, spec, turn: null, observation, required: false }));
    }
    return [{ key: spec.name, spec, turn: null, observation: null, required: spec.required }];
  });
}

/** Scales of more steps than this are typed. */
const MOST_OPTIONS = 11;

/** The steps of a scale, when they are few. */
function steps(spec: Spec): number[] | null {
  const { min, max, step } = spec;
  if (min == null || max == null || !step || max < min) return null;
  const count = Math.floor((max - min) / step + 1e-9) + 1;
  if (count > MOST_OPTIONS) return null;
  // Sums of 0.1 would show their error.
  return Array.from({ length: count }, (_, index) => Number((min + index * step).toFixed(9)));
}

/** What there is to choose from; null for what is typed. */
export function optionsOf(spec: Spec, words: { yes: string; no: string }): Option[] | null {
  if (spec.kind === "boolean") return [{ value: true, label: words.yes, key: "y" }, { value: false, label: words.no, key: "n" }];
  if (spec.kind === "categorical") {
    return (spec.categories ?? []).map(({ label, description }, index) => ({ value: label, label, key: index < 9 ? String(index + 1) : "", description }));
  }
  if (spec.kind === "numeric") {
    const values = steps(spec);
    if (!values) return null;
    // A 3 is chosen by 3 wherever one digit says it; other scales are counted from the left.
    const own = values.every((value) => Number.isInteger(value) && value >= 0 && value <= 9);
    return values.map((value, index) => ({ value, label: String(value), key: own ? String(value) : index < 9 ? String(index + 1) : "" }));
  }
  return null;
}

/** The option that a pressed key chooses. Yes and no also go by 1 and 2. */
export function optionOf(options: readonly Option[], key: string): Option | undefined {
  const found = options.find((option) => option.key === key);
  if (found) return found;
  return options[0]?.key === "y" ? options[Number(key) - 1] : undefined;
}

export const isAnswered = (answered: Answered | undefined) => answered?.value !== undefined && answered.value !== "" && answered.value !== null;

/** The first question without which nothing can be sent; where all are there, none. */
export const missing = (questions: readonly Question[], answers: Readonly<Record<string, Answered>>): Question | undefined =>
  questions.find((question) => question.required && !isAnswered(answers[question.key]));

/** Where to go on after the question at `from`: the next one without an answer, or the next one. */
export function nextOf(questions: readonly Question[], answers: Readonly<Record<string, Answered>>, from: number): number {
  for (let step = 1; step < questions.length; step += 1) {
    const at = (from + step) % questions.length;
    const question = questions[at];
    if (question && !isAnswered(answers[question.key])) return at;
  }
  return Math.min(from + 1, Math.max(0, questions.length - 1));
}

/** The answers as the API takes them, with the question that each is to: complaints name answers by their place. */
export function answersOf(questions: readonly Question[], answers: Readonly<Record<string, Answered>>): { sent: LabelAnswer[]; keys: string[] } {
  const sent: LabelAnswer[] = [];
  const keys: string[] = [];
  for (const question of questions) {
    const answered = answers[question.key];
    if (!answered || !isAnswered(answered)) continue;
    sent.push({
      schema: question.spec.name,
      value: answered.value,
      ...(question.turn !== null && { turn: question.turn }),
      ...(question.observation && { observation_id: question.observation.id }),
      ...(answered.note?.trim() && { note: answered.note.trim() }),
    });
    keys.push(question.key);
  }
  return { sent, keys };
}

/** What the server says of answers, by question. */
export function complaintsOf(fields: ReadonlyMap<string, string>, keys: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [pointer, message] of fields) {
    const key = keys[Number(/^\/answers\/(\d+)/.exec(pointer)?.[1] ?? NaN)];
    if (key !== undefined) found[key] = found[key] ? `${found[key]}; ${message}` : message;
  }
  return found;
}

/** An answer's value for reading. */
export function shownValue(value: unknown, words: { yes: string; no: string }): string {
  if (value === true) return words.yes;
  if (value === false) return words.no;
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}
