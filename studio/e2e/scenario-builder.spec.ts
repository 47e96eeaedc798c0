import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `Find the order ${Date.now()}`;

beforeAll(async () => {
  await user().signIn();
  // The scenario is checked while it is built: what is not sound yet is answered 422.
  user().expectComplaint(/status of 422/);
});
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/scenarios?q=${encodeURIComponent(NAME)}`);
  for (const { id } of data) await user().api("DELETE", `/api/v1/scenarios/${id}`);
});

const node = (id: string) => user().page.locator(`.react-flow__node[data-id="${id}"]`);
const sound = () => user().page.getByText("The server finds nothing wrong").waitFor();
/** The panel beside the canvas. */
const field = (pointer: string) => user().page.locator(`[data-pointer$="${pointer}"]`).locator("input, textarea, select, .cm-content").first();

test("a cyclic scenario is built by mouse and keyboard", async () => {
  const { page } = user();
  await user().open("/scenarios/new");
  await page.getByRole("button", { name: /^Graph/ }).click();
  await node("done").waitFor();
  await field("/name").fill(NAME);
  await field("/graph/variables").fill('{"number": 999}');

  await node("ask").click();
  await field("/does/say").fill("Where is my order A{{ number }}?");

  // By keyboard: a condition after the answer, what it asks, and a new step for all else.
  await node("answer").click();
  await page.getByRole("searchbox", { name: "Find a step" }).fill("condition");
  await page.keyboard.press("Enter");
  await node("condition").waitFor();
  await page.getByRole("button", { name: /^done\s+otherwise/ }).press("Enter");
  await field("/when").selectOption("answer_contains");
  await field("/when/answer_contains").fill("is processing");
  await page.getByRole("button", { name: "Back to condition" }).press("Enter");
  await page.getByRole("combobox", { name: "Add a way to" }).selectOption("new:code");
  await node("code").waitFor();
  await field("/does/expression").fill("number + 1");
  await field("/does/output").fill("number");
  await page.getByRole("combobox", { name: "Add a way to" }).selectOption("ask");

  // By mouse: a question to a person is dragged onto the canvas, and a way drawn to it.
  await page.locator("[data-step=wait_for_person]").dragTo(page.locator(".react-flow__pane"), { targetPosition: { x: 420, y: 80 } });
  await node("wait_for_person").waitFor();
  await field("/does/question").fill("The agent said: {{ answer }} Shall we go on?");
  await page.getByRole("combobox", { name: "Add a way to" }).selectOption("code");
  await page.getByRole("button", { name: "Arrange" }).click();
  await page.waitForTimeout(400);
  await node("condition").locator(".source").hover();
  await page.mouse.down();
  await node("wait_for_person").locator(".target").hover();
  await page.mouse.up();
  await field("/when").selectOption("expression");
  await page.locator("[data-pointer$='/when'] [role=alert]").first().waitFor();
  await user().shot("scenario-problem");
  await field("/when/expression").fill("number >= 1001");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Arrange" }).click();
  await sound();
  expect(await page.locator(".react-flow__edge").count()).toBe(8);
});

test("edits are undone, copied and taken away", async () => {
  const { page } = user();
  const count = async (n: number) => expect.poll(() => page.locator(".react-flow__node").count()).toBe(n);
  await count(7);
  await node("code").click();
  await page.keyboard.press("Control+d");
  await count(8);
  await page.keyboard.press("Control+z");
  await count(7);
  await page.keyboard.press("Control+Shift+z");
  await count(8);
  await node("code_2").click();
  await page.keyboard.press("Delete");
  await count(7);
  await node("code").click();
  await page.keyboard.press("Control+c");
  await page.keyboard.press("Control+v");
  await count(8);
  await page.keyboard.press("Backspace");
  await count(7);
  await page.keyboard.press("Control+a");
  await page.getByText("7 nodes selected").waitFor();
  await page.locator(".react-flow__pane").click({ position: { x: 12, y: 300 } });
  await sound();
  await page.getByRole("button", { name: "Show all" }).click();
  await user().shot("scenario-builder");
});

test("a dry run lights the path, also under assumptions", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "Dry run" }).click();
  await page.getByLabel("condition takes").selectOption({ index: 1 });
  await page.getByText(/It comes to an end after \d+ steps/).waitFor();
  await user().shot("scenario-dry-run");
  await page.getByRole("tab", { name: "JSON" }).click();
  await page.getByText('"max_steps"').or(page.getByText('"start"')).first().waitFor();
  await page.getByRole("tab", { name: "Properties" }).click();
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
});

test("it runs live on the graph, and stops at a question to a person", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "Run", exact: true }).click();
  await page.getByRole("combobox", { name: /^Agent/ }).click();
  await page.getByRole("option", { name: /^Sample support agent/ }).first().click();
  await page.getByRole("button", { name: "Run it" }).click();
  await page.getByText(/Shall we go on\?/).first().waitFor();
  await page.getByRole("group", { name: /Agent answers: answer, 3×/ }).waitFor();
  await user().shot("scenario-run-waiting");
  await page.getByLabel("Your answer").fill("Yes");
  await page.getByRole("button", { name: "Answer", exact: true }).click();
  await page.getByRole("status").getByText(/^(Passed|Failed)$/).waitFor();
  await page.getByRole("group", { name: /Agent answers: answer, 4×/ }).waitFor();
  await page.getByRole("tab", { name: "Conversation" }).click();
  await page.getByText("Order A1002 is processing").waitFor();
});

test("it is forked from a checkpoint, and the fork compared with the original", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "History" }).click();
  await page.getByRole("button", { name: "One step back" }).click();
  expect(new URL(page.url()).searchParams.get("at")).toBeTruthy();
  await page.getByRole("button", { name: /next: ask/ }).last().click();
  const variables = page.locator("section").filter({ hasText: "Variables there" }).locator(".cm-content").first();
  await expect.poll(() => variables.textContent()).toContain("999");
  await variables.fill('{"number": 1002}');
  await user().shot("scenario-run-history");
  await page.getByRole("button", { name: "Fork from here" }).click();
  await page.getByRole("columnheader", { name: "Fork" }).waitFor();
  await page.getByRole("row", { name: /Last answer.*Order A1002 is processing.*Order A1002 is processing/ }).waitFor();
  await page.getByRole("group", { name: /Ask a person: wait_for_person, Original/ }).waitFor();
  await user().shot("scenario-run-compare");
  await page.getByRole("button", { name: "Watch the fork" }).click();
  await page.getByText(/A fork of another run/).waitFor();
});

test("versions are compared on the canvas", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "Course" }).click();
  await node("code").click();
  await field("/label").fill("Next number");
  await page.keyboard.press("Control+s");
  await page.getByText("Saved as version 2").waitFor();
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByText("1 changed").waitFor();
  await user().shot("scenario-versions");
});
