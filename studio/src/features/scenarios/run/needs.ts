import type { ScenarioSpec } from "../kind";

/** Whether a model must play the user: the same rule as the server's. */
export function needsPersonaModel({ graph, script, played_by, persona }: ScenarioSpec): boolean {
  if (played_by === "person" || persona?.model) return false;
  if (!graph) return (script?.length ?? 0) === 0;
  return graph.nodes.some(({ does }) => does.type === "converse" || (does.type === "persona_turn" && !does.say));
}

/** Whether a judge has something to say: an edge asks it, an outcome is expected, or metrics are scored. */
export function needsJudge({ graph, expected_outcome, metrics }: ScenarioSpec): boolean {
  if (expected_outcome || (metrics?.length ?? 0) > 0) return true;
  if (!graph) return false;
  return (graph.edges ?? []).some(({ when }) => when && ("judge" in when || "sentiment" in when))
    || graph.nodes.some(({ does }) => does.type === "evaluate" || does.type === "expectation");
}
