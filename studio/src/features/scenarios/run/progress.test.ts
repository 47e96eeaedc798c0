import { expect, it } from "vitest";
import { NO_PROGRESS, proceed, type RunEvent } from "./progress";

let id = 0;
const of = (event: string, node: string, task: string, more: object = {}): RunEvent => ({ event, id: String(id++), node, task, ...more });
const after = (...events: RunEvent[]) => events.reduce(proceed, NO_PROGRESS);

it("counts visits and adds up the time of calls", () => {
  const { nodes, path, visits } = after(
    of("node_started", "ask", "1"), of("user_said", "ask", "1", { text: "Hi" }), of("node_finished", "ask", "1"),
    of("node_started", "answer", "2"), of("node_finished", "answer", "2", { duration_ms: 5 }),
    of("node_started", "answer", "3"), of("node_started", "answer", "3"), of("node_finished", "answer", "3", { duration_ms: 7 }),
  );
  expect(path).toEqual(["ask", "answer", "answer"]);
  expect(nodes.get("answer")).toMatchObject({ visits: 2, ms: 12 });
  expect(nodes.get("ask")).toMatchObject({ visits: 1, ms: null });
  expect(visits[0]).toMatchObject({ state: "done", lines: [{ what: "user", text: "Hi" }] });
});

it("knows who waits, and that nobody does in the end", () => {
  const waiting = after(of("node_started", "person", "1"), of("waiting", "person", "1", { text: "Go on?" }));
  expect(waiting.nodes.get("person")).toMatchObject({ waiting: true, visits: 1 });
  expect(waiting.visits[0]?.state).toBe("waiting");
  const answered = proceed(waiting, of("answered", "person", "1", { answer: "yes" }));
  expect(answered.nodes.get("person")?.waiting).toBe(false);
  expect(proceed(waiting, { event: "run_finished", id: "9" }).nodes.get("person")).toMatchObject({ waiting: false });
});

it("puts streamed words in place of what follows their offset, and drops them with the answer", () => {
  const token = (offset: number, text: string) => of("token", "answer", "1", { offset, text });
  const said = after(of("node_started", "answer", "1"), token(0, "Ä refund takes"), token(9, "is due"));
  expect(said.said.get("1")).toBe("Ä refund is due");
  expect(proceed(said, of("agent_answered", "answer", "1", { text: "x" })).said.size).toBe(0);
});

it("marks what failed", () => {
  const state = after(of("node_started", "a", "1"), of("node_failed", "a", "1", { message: "no" }));
  expect([state.nodes.get("a")?.failed, state.visits[0]?.lines]).toEqual([true, [{ what: "failed", text: "no" }]]);
});
