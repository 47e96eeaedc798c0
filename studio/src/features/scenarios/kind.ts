import type { Schemas, Written } from "@/api/client";
import type { ResourceKind } from "@/resource/kind";

/** A scenario as the API shows it. */
export type Scenario = Schemas["Scenario"];
/** A scenario as it is written: all but its name may be left out. */
export type ScenarioSpec = Written<Schemas["ScenarioSpecInput"], "name">;

/** What the resource kit needs to know of scenarios. */
export const scenarioKind: ResourceKind<Scenario> = {
  kind: "scenarios",
  path: "/scenarios",
  title: { en: "Scenarios", vi: "Kịch bản" },
  create: { en: "New scenario", vi: "Kịch bản mới" },
  empty: {
    en: "A scenario is a situation in which a simulated user talks to an agent: a graph of steps with branches and loops, or a plain script of what the user says.",
    vi: "Kịch bản là một tình huống trong đó người dùng mô phỏng nói chuyện với tác tử: một đồ thị các bước có rẽ nhánh và lặp, hoặc đơn giản là lời thoại của người dùng.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: true,
};

/** What the course of a scenario is: nodes and edges, word for word, or left to whoever plays the persona. */
export type Course = "graph" | "script" | "persona";

/** Which of the three a scenario has. */
export const courseOf = (spec: Pick<ScenarioSpec, "graph" | "script">): Course =>
  spec.graph ? "graph" : (spec.script?.length ?? 0) > 0 ? "script" : "persona";

/** New scenarios that are sound from the beginning, so that the first thing to do is to change them. */
export const BEGINNINGS: Record<Course, ScenarioSpec> = {
  graph: {
    name: "",
    graph: {
      start: "begin",
      nodes: [
        { id: "begin", does: { type: "start" }, position: { x: 0, y: 0 } },
        { id: "ask", does: { type: "persona_turn", say: "Hello! What can you help me with?" }, position: { x: 0, y: 130 } },
        { id: "answer", does: { type: "target_call" }, position: { x: 0, y: 260 } },
        { id: "done", does: { type: "end", result: "passed" }, position: { x: 0, y: 390 } },
      ],
      edges: [{ from: "begin", to: "ask" }, { from: "ask", to: "answer" }, { from: "answer", to: "done" }],
      max_steps: 100,
    },
  },
  script: { name: "", script: ["Hello! What can you help me with?"] },
  persona: { name: "", situation: "", goal: "", persona: { name: "", patience: 5 } as never },
};
