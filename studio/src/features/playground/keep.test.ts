import { expect, it } from "vitest";
import { Keep, withCall } from "./keep";
import { newPanel, newState, said } from "./state";
import type { Call } from "./types";

/** A storage that holds so many letters. */
function storage(room = Infinity) {
  const held = new Map<string, string>();
  return {
    held,
    getItem: (key: string) => held.get(key) ?? null,
    removeItem: (key: string) => void held.delete(key),
    setItem: (key: string, text: string) => {
      if (text.length > room) throw new DOMException("full", "QuotaExceededError");
      held.set(key, text);
    },
  };
}

const page = (text: string) => newState(newPanel({ entries: [said("user", text)] }));
const call = (id: string, text = "x"): Call => ({ id, panel: "p", letter: "A", model: "m", at: 0, asked: { messages: [] }, outcome: { state: "stopped", text } });

it("puts a short page into the address, with all its letters", () => {
  const kept = new Keep("w", storage());
  const state = page("Xin chào? {{tên}} +/=");
  const address = kept.save(state, "");
  expect(address.id).toBe("");
  expect(address.state).toMatch(/^[\w-]+$/);
  expect(new Keep("other", storage()).load(address)).toEqual(state);
});

it("keeps a long page in the tab, under the id that it has", () => {
  const kept = new Keep("w", storage());
  const state = page("x".repeat(5000));
  const address = kept.save(state, "");
  expect([address.state, kept.save(page("y".repeat(5000)), address.id).id]).toEqual(["", address.id]);
  expect(kept.save(state, address.id)).toEqual(address);
  expect(kept.load(address)).toEqual(state);
  expect(kept.last()).toEqual(address);
  expect(new Keep("other", kept.storage).load(address)).toBeNull();
});

it("has no page for an address that says nothing of use", () => {
  const kept = new Keep("w", storage());
  for (const address of [{ state: "", id: "" }, { state: "%%%", id: "" }, { state: "e30", id: "" }, { state: "", id: "nobody" }]) expect(kept.load(address)).toBeNull();
  expect([kept.last(), kept.calls()]).toEqual([null, []]);
});

it("remembers as many calls as there is room for", () => {
  const calls = Array.from({ length: 40 }, (_, n) => call(String(n)));
  const kept = new Keep("w", storage());
  kept.saveCalls(calls);
  expect(kept.calls()).toHaveLength(30);
  expect(withCall(calls, call("new"))).toHaveLength(30);
  const small = new Keep("w", storage(700));
  small.saveCalls(calls);
  expect(small.calls().map((one) => one.id)).toEqual(["0", "1", "2"]);
  const full = new Keep("w", storage(1));
  full.saveCalls(calls);
  expect(full.calls()).toEqual([]);
});
