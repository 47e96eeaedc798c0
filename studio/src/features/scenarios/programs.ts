import type { Schemas } from "@/api/client";
import type { ResourceKind } from "@/resource/kind";

/** Programs that code nodes can run, as far as the builder needs to know them. */
export const programKind: ResourceKind<Schemas["Program"]> = {
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
};
