import { beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `Browser run ${Date.now()}`;
/** Markup in what people and models say is text everywhere. */
const CANARY = "<img src=x onerror=\"document.title='broken'\">";
let run = "";

async function until<T>(path: string, holds: (found: T) => boolean): Promise<T> {
  for (;;) {
    const found = await user().api<T>("GET", path);
    if (holds(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

beforeAll(async () => {
  await user().signIn();
  const agent = await user().api<{ id: string }>("POST", "/api/v1/agents", { name: `${NAME} agent`, kind: "openai_chat", url: `${process.env.ASSAY_URL}/sample-agent/v1/chat/completions`, model: "sample-agent" });
  const scenario = await user().api<{ id: string }>("POST", "/api/v1/scenarios", {
    name: NAME, situation: "A parcel is late", goal: "To learn where it is",
    graph: {
      start: "ask",
      nodes: [
        { id: "ask", does: { type: "persona_turn", say: `Where is order A1002? ${CANARY}` } }, { id: "answer", does: { type: "target_call" } },
        { id: "person", does: { type: "wait_for_person", question: "Is that right? {{ answer }}", output: "right" } },
        { id: "more", does: { type: "persona_turn", say: "And when are you open?" } }, { id: "again", does: { type: "target_call" } },
        { id: "good", does: { type: "end", result: "passed" } },
      ],
      edges: [{ from: "ask", to: "answer" }, { from: "answer", to: "person" }, { from: "person", to: "more" }, { from: "more", to: "again" }, { from: "again", to: "good" }],
    },
  });
  const campaign = await user().api<{ id: string }>("POST", "/api/v1/campaigns", {
    name: NAME, agent_id: agent.id, scenario_ids: [scenario.id], metrics: [{ kind: "contains", params: { values: ["refund"] } }],
  });
  const runs = `/api/v1/campaigns/${campaign.id}/runs?status=waiting_for_person`;
  run = (await until<{ data: { run_id: string }[] }>(runs, ({ data }) => data.length === 1)).data[0]?.run_id ?? "";
});

test("a person answers what a run waits for, and it goes on", async () => {
  const { page } = user();
  await user().open(`/runs/${run}`);
  await page.getByText(/^Is that right\?/).waitFor();
  await page.getByText(CANARY).first().waitFor();
  await user().shot("run-waiting");
  await page.getByLabel("Answer", { exact: true }).fill("yes");
  await page.keyboard.press("Control+Enter");
  await page.getByText("And when are you open?").waitFor();
  await page.getByText("Failed", { exact: true }).first().waitFor();
  expect(await page.title()).toContain(NAME);
});

test("a person says otherwise than a metric", async () => {
  const { page } = user();
  await page.getByRole("button", { name: "Say otherwise: contains" }).click();
  const dialog = page.getByRole("dialog");
  user().expectComplaint(/status of 422/);
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("alert").first().waitFor();
  await dialog.getByRole("button", { name: "Passes" }).click();
  await dialog.getByLabel(/^Reason/).fill("Nobody asked about refunds.");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("A person says 1.00").waitFor();
  await user().shot("run");
});

test("it is forked from a checkpoint with another state, and compared", async () => {
  const { page } = user();
  await page.getByRole("tab", { name: "History" }).click();
  await page.getByRole("button", { name: /Then: again/ }).click();
  await page.getByText("/messages/2").first().waitFor();
  await user().shot("run-history");
  await page.getByRole("tab", { name: "Edit and fork" }).click();
  const editor = page.getByRole("textbox", { name: "State" });
  const state = await user().api<{ data: { id: string; next: string[] }[] }>("GET", `/api/v1/runs/${run}/checkpoints`);
  const { id } = state.data.find((one) => one.next.includes("again")) ?? { id: "" };
  const { values } = await user().api<{ values: { messages: { content: string }[] } }>("GET", `/api/v1/runs/${run}/checkpoints/${id}`);
  const last = values.messages.at(-1);
  if (last) last.content = "How long do refunds take?";
  await editor.fill(JSON.stringify(values));
  await page.getByText("Changed: messages").waitFor();
  await user().shot("run-edit");
  await page.getByRole("button", { name: "Fork from here" }).click();
  await page.getByText("Forked from another run").waitFor();
  await page.getByText("Passed", { exact: true }).first().waitFor();
  await page.getByRole("link", { name: "Compare with it" }).click();
  await page.getByRole("heading", { name: "Side by side" }).waitFor();
  await page.getByText("/messages/2/content").waitFor();
  await user().shot("run-forks");
});
