import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { asCurl, asPython } from "./code";
import type { Asked } from "./types";

const asked: Asked = { messages: [{ role: "user", content: `It's "é" \\ {{x}} $HOME \`id\`\nJSON\n'''` }], temperature: 0.2, response_schema: { additionalProperties: false, x: null, list: [] } };

it("is a curl that a shell reads as it was meant", () => {
  const text = asCurl("https://assay.example", "m", asked);
  expect(text).toContain("'https://assay.example/api/v1/models/m/chat'");
  // The shell shows what curl would get.
  const told = execFileSync("sh", ["-c", `curl() { cat; }; ${text}`], { encoding: "utf8" });
  expect(JSON.parse(told)).toEqual(asked);
});

it("is Python that says what was asked", () => {
  const text = asPython("https://assay.example", "m", asked);
  expect(text).toContain(`"additionalProperties": False,`);
  expect(text).toContain(`"x": None,`);
  expect(text).not.toMatch(/\b(true|false|null)\b/);
  expect(text).toContain('"list": [],');
});
