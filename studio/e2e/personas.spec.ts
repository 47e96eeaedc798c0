import { afterAll, beforeAll, expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();
const NAME = `Impatient traveller ${Date.now()}`;

beforeAll(() => user().signIn());
afterAll(async () => {
  const { data } = await user().api<{ data: { id: string }[] }>("GET", `/api/v1/personas?q=${encodeURIComponent(NAME)}`);
  for (const { id } of data) await user().api("DELETE", `/api/v1/personas/${id}`);
});

test("a persona is described, and seen in words meanwhile", async () => {
  const { page } = user();
  await user().open("/personas/new");
  await page.getByRole("textbox", { name: /^Name/ }).fill(NAME);
  await page.getByLabel("Description").fill("Has missed a train and wants the money back.");
  await page.getByLabel("Traits").fill("curt\nforgetful");
  await page.getByLabel("Mood").fill("tired");
  await page.getByLabel("Language").fill("vi");
  await page.getByRole("slider").fill("2");
  for (const [index, [fact, when]] of [["The booking is B77", "when_asked"], ["The ticket was a gift", "never"]].entries()) {
    await page.getByRole("button", { name: "Add a fact" }).click();
    await page.getByLabel(`Fact ${index + 1}`, { exact: true }).fill(fact ?? "");
    await page.getByLabel("Told").nth(index).selectOption(when ?? "");
  }
  await page.getByRole("button", { name: "Move fact 2 up" }).click();
  const words = page.getByRole("article");
  await words.getByText("curt, forgetful").waitFor();
  await words.getByText("gives up after 2").waitFor();
  expect(await words.getByRole("listitem").filter({ hasText: "Never" }).textContent()).toContain("The ticket was a gift");
  await user().shot("persona-new");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
});

test("what the server says stands at its fact", async () => {
  const { page } = user();
  user().expectComplaint(/status of 422/);
  await page.getByLabel("Fact 1", { exact: true }).fill("The booking is B77");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("[data-pointer='/disclosure/1/text'] [role=alert]").waitFor();
  await page.getByRole("button", { name: "Remove fact 1" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved as version 2").waitFor();
  await user().shot("persona");
});

test("it is found in the list, and a deletion is undone", async () => {
  const { page } = user();
  await user().open(`/personas?q=${encodeURIComponent(NAME)}`);
  await page.getByRole("link", { name: NAME }).waitFor();
  await user().shot("personas");
  await page.getByRole("checkbox", { name: `Select ${NAME}` }).check();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByText("Nothing matches").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("link", { name: NAME }).waitFor();
});
