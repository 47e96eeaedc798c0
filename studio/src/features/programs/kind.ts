import type { Schemas, Written } from "@/api/client";
import type { ResourceKind } from "@/resource/kind";

/** A program as the API shows it. */
export type Program = Schemas["Program"];
/** What of a program can be changed. */
export type ProgramSpec = Written<Schemas["ProgramSpec"], "name">;

/** Programs that code nodes of scenarios can run. */
export const programKind: ResourceKind<Program> = {
  kind: "programs",
  path: "/programs",
  title: { en: "Programs", vi: "Chương trình" },
  create: { en: "New program", vi: "Chương trình mới" },
  empty: {
    en: "A program is what an expression cannot say: a check digit, a parser, a rule of the house, compiled for WASI.",
    vi: "Chương trình làm những gì biểu thức không nói được: chữ số kiểm tra, bộ phân tích, quy tắc riêng, biên dịch cho WASI.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: false,
  readOnly: ["sha256", "size"],
};

/** The largest program that the API takes, in bytes. */
export const LARGEST = 2 * 1024 * 1024;

/** Bytes in base64, as the API takes them. In pieces, since a call has room for so many arguments only. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** What is wrong with a file before it is sent: that it is no WebAssembly module, or too large. */
export function flawOf(bytes: Uint8Array): "notWasm" | "tooLarge" | null {
  if (bytes.length > LARGEST) return "tooLarge";
  const isWasm = bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
  return isWasm ? null : "notWasm";
}
