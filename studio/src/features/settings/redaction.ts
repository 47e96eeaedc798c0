import type { Schemas } from "@/api/client";
import type { Rule } from "./RedactionRules";

type Class = Schemas["Class"];

/** What can be found without a pattern. */
export const CLASSES: readonly Class[] = ["email", "phone", "credit_card", "iban", "us_ssn", "ipv4", "ipv6", "api_key", "url_credentials"];
/** What most workspaces do not want to keep. */
export const COMMON: readonly Class[] = ["email", "phone", "credit_card", "iban", "api_key", "url_credentials"];
/** Where rules can look. */
export const FIELDS: readonly Schemas["Field"][] = ["input", "output", "metadata", "name", "tags", "user_id", "session_id", "status_message", "model_parameters"];

/** A name that says what is found. */
export const nameFor = (found: Class) => found.replaceAll("_", "-");

/** A rule that finds a class where people write, with a name that none of the others has. */
export function ruleOf(found: Class, others: readonly Rule[]): Rule {
  const base = nameFor(found);
  let name = base;
  for (let n = 2; others.some((one) => one.name === name); n += 1) name = `${base}-${n}`;
  return { name, kind: { type: "class", class: found }, action: "mask", fields: ["input", "output", "metadata"] };
}
