import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import { createEvent, fireEvent, render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { PlainLink } from "./plain-link";

test("a plain click is the router's, any other the browser's", async () => {
  const root = createRootRoute({ component: Outlet });
  const here = createRoute({ getParentRoute: () => root, path: "/", component: () => <PlainLink to="/there?tab=a%20b">Go</PlainLink> });
  const there = createRoute({ getParentRoute: () => root, path: "/there", component: () => <h1>There</h1> });
  const router = createRouter({ routeTree: root.addChildren([here, there]), history: createMemoryHistory() });
  render(<RouterProvider router={router as never} />);
  const link = await screen.findByRole("link", { name: "Go" });
  expect(link.getAttribute("href")).toBe("/there?tab=a%20b");
  for (const init of [{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { altKey: true }, { button: 1 }]) {
    const click = createEvent.click(link, init);
    fireEvent(link, click);
    expect(click.defaultPrevented, JSON.stringify(init)).toBe(false);
  }
  fireEvent.pointerDown(link);
  fireEvent.click(link);
  await screen.findByRole("heading", { name: "There" });
  expect(router.state.location.href).toContain("/there?tab=");
});
