import { expect, test } from "vitest";
import { withUser } from "./harness";

const user = withUser();

test("a deep link leads to the sign-in, and the sign-in back to it", async () => {
  const { page } = user();
  await user().open("/agents?q=bot");
  expect(new URL(page.url()).pathname).toBe("/sign-in");
  await user().shot("sign-in");
  user().expectComplaint(/status of 401/);
  await page.getByLabel("Public key").fill("pk-wrong");
  await page.getByLabel("Secret key").fill("sk-wrong");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "not accepted" }).waitFor();
  await page.getByLabel("Public key").fill(process.env.ASSAY_PUBLIC_KEY ?? "");
  await page.getByLabel("Secret key").fill(process.env.ASSAY_SECRET_KEY ?? "");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
  expect(new URL(page.url()).search).toBe("?q=bot");
});

test("home shows what goes on", async () => {
  await user().open("/");
  await user().page.getByRole("heading", { name: "Campaigns" }).waitFor();
  await user().page.getByRole("heading", { name: "The last seven days" }).waitFor();
  await user().shot("home");
});

test("the profile says who is there", async () => {
  await user().open("/profile");
  await user().shot("profile");
});

test("keys lead everywhere", async () => {
  const { page } = user();
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("What do you want to do?").fill("agen");
  await user().shot("palette");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: /agent/i }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await user().shot("keyboard");
  await page.keyboard.press("Escape");
});

test("on a narrow screen the navigation opens from a button", async () => {
  const { page } = user();
  await page.setViewportSize({ width: 600, height: 900 });
  await page.getByRole("button", { name: "Open the navigation" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Agents" }).waitFor();
  await user().shot("narrow");
  await page.getByRole("dialog").getByRole("link", { name: "Agents" }).click();
  await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
  await page.setViewportSize({ width: 1280, height: 800 });
  await user().open("/");
});

test("everything is there in Vietnamese", async () => {
  const { page } = user();
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("menuitemradio", { name: "Tiếng Việt" }).click();
  await page.getByRole("heading", { level: 1, name: "Trang chủ" }).waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("vi");
  await user().shot("home-vi");
});

test("signing out forgets the keys", async () => {
  const { page } = user();
  await page.getByRole("button", { name: /^Tài khoản/ }).click();
  await page.getByRole("menuitem", { name: "Đăng xuất" }).click();
  await page.getByRole("heading", { level: 1, name: "Đăng nhập" }).waitFor();
  expect(await page.evaluate(() => sessionStorage.getItem("assay.credentials"))).toBeNull();
});
