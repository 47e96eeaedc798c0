import { afterEach, describe, expect, it } from "vitest";
import { fill, language, type Message, texts, translate } from ".";

/** Every table of texts there is. */
const tables = import.meta.glob<Record<string, { en: Record<string, Message>; vi: Record<string, Message> }>>(["../**/i18n*.ts", "!../**/*.test.ts"], { eager: true });

const names = (message: Message): string[] =>
  [...new Set((typeof message === "string" ? message : message.other).match(/\{\w+\}/g) ?? [])].sort();

afterEach(() => language.set("en"));

describe.each(Object.entries(tables))("%s", (_, module) => {
  it.each(Object.entries(module))("%s is whole in both languages", (_, { en, vi }) => {
    expect(Object.keys(vi)).toEqual(Object.keys(en));
    for (const [key, message] of Object.entries(en)) {
      expect(names(vi[key] ?? ""), key).toEqual(names(message));
      expect(fill(vi[key] ?? "", { n: 2 }), key).not.toBe("");
    }
  });
});

it("chooses plurals and writes numbers", () => {
  const table = texts({ en: { rows: { one: "{n} row", other: "{n} rows" }, hello: "Hello {name}, {{ input }}" }, vi: { rows: "{n} dòng", hello: "Chào {name}, {{ input }}" } });
  const t = translate(table);
  expect([t("rows", { n: 1 }), t("rows", { n: 1200 }), t("hello", { name: "<b>" })]).toEqual(["1 row", "1,200 rows", "Hello <b>, {{ input }}"]);
  language.set("vi");
  expect([t("rows", { n: 1 }), t("hello", { name: "An" })]).toEqual(["1 dòng", "Chào An, {{ input }}"]);
});
