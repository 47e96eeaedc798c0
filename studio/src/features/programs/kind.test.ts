import { expect, it } from "vitest";
import { base64, flawOf, LARGEST } from "./kind";

it("writes bytes in base64, however many there are", () => {
  expect(base64(new Uint8Array([0, 97, 115, 109]))).toBe("AGFzbQ==");
  expect(atob(base64(new Uint8Array(100_000).fill(255)))).toHaveLength(100_000);
});

it("knows WebAssembly by its first bytes", () => {
  expect(flawOf(new Uint8Array([0, 97, 115, 109, 1]))).toBeNull();
  expect(flawOf(new TextEncoder().encode("fn main() {}"))).toBe("notWasm");
  expect(flawOf(new Uint8Array(LARGEST + 1))).toBe("tooLarge");
});
