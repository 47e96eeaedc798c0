import { expect, it, vi } from "vitest";
import { numberAt, textAt, tickAt } from "./fields";

const form = (value: unknown) => ({ get: () => value, text: () => String(value ?? ""), set: vi.fn() });

it("sends nothing, null or an empty text where nothing is typed", () => {
  for (const [empty, sent] of [["text", ""], ["null", null], ["absent", undefined]] as const) {
    const one = form("x");
    textAt(one, "/a", empty).onChange({ target: { value: "" } });
    expect(one.set).toHaveBeenCalledWith("/a", sent);
  }
});

it("shows numbers in their unit and leaves out what is empty", () => {
  const one = form(1500);
  const props = numberAt(one, "/ms", 1000);
  expect(props.value).toBe("1.5");
  props.onChange({ target: { value: "2.5" } });
  props.onChange({ target: { value: "" } });
  expect(one.set.mock.calls).toEqual([["/ms", 2500], ["/ms", undefined]]);
  expect(numberAt(form(null), "/ms").value).toBe("");
});

it("leaves out what is not ticked", () => {
  const one = form(true);
  tickAt(one, "/on").onChange({ target: { checked: false } });
  expect([tickAt(one, "/on").checked, one.set.mock.calls]).toEqual([true, [["/on", undefined]]]);
});
