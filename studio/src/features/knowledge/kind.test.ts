import { expect, test } from "vitest";
import { hex, mediaType } from "./kind";

test("the type of a file", () => {
  expect(mediaType("a.MD", "")).toBe("text/markdown");
  expect(mediaType("a.pdf", "application/x-own")).toBe("application/x-own");
  expect(mediaType("Makefile", "")).toBe("application/octet-stream");
});

test("bytes in digits", () => expect(hex(new Uint8Array([0, 10, 255]).buffer)).toBe("000aff"));
