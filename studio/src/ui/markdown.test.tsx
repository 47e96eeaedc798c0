import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { Markdown } from "./markdown";

it("renders markdown, and nothing that could do harm", async () => {
  render(<Markdown text={"**bold** <img src=x onerror=alert(1)> [a](javascript:alert(2)) ![pic](https://elsewhere.example/p.png) <script>alert(3)</script>"} />);
  expect((await screen.findByText("bold")).tagName).toBe("STRONG");
  expect(document.querySelector("img, script, [onerror]")).toBeNull();
  expect(document.querySelector("a")?.getAttribute("href") ?? "").not.toContain("javascript");
  expect(document.body.textContent).toContain("[pic]");
  expect(document.body.textContent).toContain("<img src=x onerror=alert(1)>");
  expect(document.body.textContent).toContain("<script>alert(3)</script>");
});
