import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { JsonView, matches } from "./json-view";

const value = { user: { name: "Ann <script>alert(1)</script>" }, steps: [{ tool: "search" }, { tool: "buy" }] };

it("finds names and values, and what leads to them", () => {
  const found = matches(value, "tool");
  expect([found.count, [...found.leads].sort()]).toEqual([2, ["", "/steps", "/steps/0", "/steps/1"]]);
  expect(matches(value, "").count).toBe(0);
});

it("unfolds what is searched for, and shows markup as text", async () => {
  render(<JsonView value={value} open={1} />);
  expect(screen.queryByText(/alert/)).toBeNull();
  await userEvent.type(screen.getByRole("searchbox"), "alert");
  expect(await screen.findByText("alert")).toBeInTheDocument();
  expect(screen.getByRole("status")).toHaveTextContent("1 match");
  expect(document.querySelector("script")).toBeNull();
});
