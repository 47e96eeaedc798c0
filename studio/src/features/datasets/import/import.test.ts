import { expect, test } from "vitest";
import { doubled, guess, itemsOf } from "./mapping";
import { readTable } from "./read";

test("each format is told by its text", async () => {
  expect((await readTable("a,b\n1,2")).format).toBe("CSV");
  expect((await readTable("a\tb\n1\t2")).format).toBe("TSV");
  expect((await readTable('[{"a":1}]')).format).toBe("JSON");
  expect((await readTable('{"a":1}\n{"b":2}\n')).columns).toEqual(["a", "b"]);
  expect((await readTable('{"name":"x","items":[{"input":"q"}]}')).rows).toEqual([{ input: "q" }]);
  expect((await readTable("- input: q\n")).format).toBe("YAML");
  expect((await readTable("")).rows).toEqual([]);
});

test("quotes, lines and empty cells of CSV", async () => {
  const table = await readTable('question,answer\n"a, ""b""\nc",\n');
  expect(table.rows).toEqual([{ question: 'a, "b"\nc' }]);
});

test("what is no JSON says why", async () => {
  await expect(readTable("[1,")).rejects.toThrow();
  await expect(readTable('{"a":1}\n{oops')).rejects.toThrow(/^2/);
});

test("columns are guessed, the better name first, and none is lost", () => {
  expect(guess(["text", "input", "Ground Truth", "difficulty", "__expected"])).toEqual({
    input: "input", text: "+metadata", "Ground Truth": "+metadata", difficulty: "+metadata", __expected: "expected_output",
  });
  expect(guess(["user_input", "reference", "reference_contexts"])).toEqual({ user_input: "input", reference: "expected_output", reference_contexts: "context" });
  expect(doubled({ a: "input", b: "input", c: "" })).toEqual(["input"]);
});

test("rows become items", async () => {
  const table = await readTable('id,question,tags,level,tools\n1,Why?,"a, b",3,"[{""name"":""look""}]"\n');
  expect(itemsOf(table, { ...guess(table.columns), level: "" })).toEqual([
    { key: "1", input: "Why?", tags: ["a", "b"], expected_tools: [{ name: "look" }] },
  ]);
  expect(itemsOf(table, guess(table.columns))[0]?.metadata).toEqual({ level: "3" });
});
