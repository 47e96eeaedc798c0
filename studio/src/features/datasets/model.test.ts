import { expect, test } from "vitest";
import { diffItems } from "./diff";
import { CLEAN, conflictsOf, packed, rowsOf, sizeOf, unpacked, withCells, withoutRows, withRows } from "./draft";
import { columnsOf, textOf, valueOf } from "./fields";
import type { Item } from "./kind";
import { headerOf, pasteInto } from "./paste";
import { parseTsv, writeTsv } from "./tsv";

const item = (id: string, more: Partial<Item> = {}): Item => ({ id, key: id, position: 1, input: `Q ${id}`, ...more }) as Item;
const items = [item("a"), item("b", { tags: ["x", "y"] })];

test("cells of a spreadsheet, with quotes, tabs and lines in them", () => {
  expect(parseTsv("a\tb\nc\td\n")).toEqual([["a", "b"], ["c", "d"]]);
  expect(parseTsv('"two\nlines"\t"say ""hi"""')).toEqual([["two\nlines", 'say "hi"']]);
  expect(parseTsv('"not closed\tb')).toEqual([['"not closed', "b"]]);
  expect(parseTsv("\t\r\n")).toEqual([["", ""]]);
  const cells = [["a\tb", 'c"d', '"e'], ["f\ng", "", "h"]];
  expect(parseTsv(writeTsv(cells))).toEqual(cells);
});

test("values are written in cells so that they can be read back", () => {
  for (const tags of [["a", "b"], ["with\nline"], ["[odd"], [" space"]]) {
    expect(valueOf("tags", textOf("tags", tags)).value).toEqual(tags);
  }
  expect(valueOf("metadata", "{\"a\":1}")).toEqual({ value: { a: 1 } });
  expect(valueOf("metadata", "{oops").wrong).toBe(true);
  expect(valueOf("input", "  kept ").value).toBe("  kept ");
  expect(valueOf("input", " ").value).toBeUndefined();
  const pictured = [{ type: "text", text: "Which way?" }, { type: "image_url", image_url: { url: "https://example.com/map.png" } }];
  expect(valueOf("input", textOf("input", pictured)).value).toEqual(pictured);
  expect(valueOf("input", "[1, 2]").value).toBe("[1, 2]");
});

test("the columns are those that are made use of", () => {
  expect(columnsOf(items)).toEqual(["key", "input", "expected_output", "tags"]);
  expect(columnsOf([item("a", { turns: ["x"], input: null, context: [] })])).toContain("turns");
  expect(columnsOf(items, [item("c", { split: "test" })], [])).toEqual(["key", "split", "input", "expected_output", "tags"]);
});

test("a row that says the same is the same, so that it is drawn once", () => {
  const before = rowsOf(items, CLEAN);
  const draft = withCells(CLEAN, items, [{ row: before[0]!, field: "input", text: "Another" }]);
  const after = rowsOf([...items, item("c")], draft);
  expect(after[0]).not.toBe(before[0]);
  expect(after[0]?.state).toBe("changed");
  expect(after[1]).toBe(before[1]);
  expect(rowsOf(items, draft)[0]).toBe(after[0]);
  expect(rowsOf(items, withoutRows(draft, items, new Set(["a"]))).map(({ id }) => id)).toEqual(["b"]);
});

test("a change that is taken back is none", () => {
  const [row] = rowsOf(items, CLEAN);
  const changed = withCells(CLEAN, items, [{ row: row!, field: "input", text: "New" }]);
  expect(rowsOf(items, changed)[0]).toMatchObject({ state: "changed", item: { input: "New", key: "a" } });
  expect(sizeOf(withCells(changed, items, [{ row: row!, field: "input", text: "Q a" }]))).toBe(0);
});

test("the key of a saved item stays", () => {
  const [row] = rowsOf(items, CLEAN);
  expect(sizeOf(withCells(CLEAN, items, [{ row: row!, field: "key", text: "z" }]))).toBe(0);
});

test("what is no JSON waits, and goes when it is mended", () => {
  const [row] = rowsOf(items, CLEAN);
  const broken = withCells(CLEAN, items, [{ row: row!, field: "metadata", text: "{" }]);
  expect(broken.broken.size).toBe(1);
  const mended = withCells(broken, items, [{ row: row!, field: "metadata", text: "{}" }]);
  expect(mended.broken.size).toBe(0);
  expect(rowsOf(items, mended)[0]?.item.metadata).toEqual({});
});

test("rows are added at the end and taken away", () => {
  const added = withRows(CLEAN, [{ input: "New" }]);
  expect(rowsOf(items, added).map((row) => row.id)).toEqual(["a", "b", "new-1"]);
  const less = withoutRows(added, items, new Set(["a", "new-1"]));
  expect(rowsOf(items, less).map((row) => row.id)).toEqual(["b"]);
  expect(sizeOf(less)).toBe(1);
});

test("what somebody else changed is found", () => {
  const [row] = rowsOf(items, CLEAN);
  const mine = withCells(CLEAN, items, [{ row: row!, field: "input", text: "Mine" }]);
  expect(conflictsOf(mine, items)).toEqual([]);
  expect(conflictsOf(mine, [item("a", { input: "Theirs" }), item("b")])).toEqual(["a"]);
  expect(conflictsOf(mine, [item("b")])).toEqual(["a"]);
});

test("pasting goes on into new rows, fills a selection, and follows a header", () => {
  const rows = rowsOf(items, CLEAN);
  const columns = ["key", "input", "expected_output"] as const;
  const none = { rows: [1], columns: [1] };
  const down = pasteInto({ cells: [["q", "a"], ["q2", "a2"]], columns, rows, at: { row: 1, column: 1 }, selection: none, labels: {} });
  expect(down.cells.map((one) => [one.row.id, one.field, one.text])).toEqual([["b", "input", "q"], ["b", "expected_output", "a"]]);
  expect(down.rows).toEqual([[{ field: "input", text: "q2" }, { field: "expected_output", text: "a2" }]]);
  const fill = pasteInto({ cells: [["same"]], columns, rows, at: { row: 0, column: 1 }, selection: { rows: [0, 1], columns: [1] }, labels: {} });
  expect(fill.cells).toHaveLength(2);
  const named = pasteInto({ cells: [["Question", "expected_output"], ["q", "a"]], columns, rows, at: { row: 0, column: 0 }, selection: none, labels: { input: "Question" } });
  expect(named.rows).toEqual([[{ field: "input", text: "q" }, { field: "expected_output", text: "a" }]]);
  expect(headerOf(["hello", "world"], {})).toBeNull();
});

test("two versions, item by item", () => {
  const after = [item("b", { tags: ["x"] }), item("c")];
  expect(diffItems(items, after).map((one) => [one.key, one.change, one.fields])).toEqual([
    ["b", "changed", ["tags"]], ["c", "added", ["input"]], ["a", "removed", ["input"]],
  ]);
});

test("a draft survives being put aside as JSON", () => {
  let draft = withRows(CLEAN, [{ input: "new" }]);
  draft = withCells(draft, items, [
    { row: rowsOf(items, draft)[0]!, field: "input", text: "changed" },
    { row: rowsOf(items, draft)[0]!, field: "metadata", text: "{oops" },
  ]);
  draft = withoutRows(draft, items, new Set(["b"]));
  expect(unpacked(JSON.parse(JSON.stringify(packed(draft))))).toEqual(draft);
});
