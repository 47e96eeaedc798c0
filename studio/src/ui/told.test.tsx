import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import { Told } from "./told";

const shown = (text: string) => render(<p><Told text={text} /></p>).container.innerHTML;

test("what stands between backticks is code", () => {
  expect(shown("no longer than `max_ms`; else `x` of <b>it</b>")).toMatch(/^<p>no longer than <code[^>]*>max_ms<\/code>; else <code[^>]*>x<\/code> of &lt;b&gt;it&lt;\/b&gt;<\/p>$/);
  expect(shown("plain")).toBe("<p>plain</p>");
  expect(shown("a ` alone")).toBe("<p>a ` alone</p>");
});
