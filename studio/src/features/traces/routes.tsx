import { ListTree } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Traces: what agents did, step by step. */
export const traces: Feature = {
  nav: [{ group: "observe", title: { en: "Traces", vi: "Vết" }, to: "/traces", icon: ListTree, permission: "traces_read", key: "t" }],
  pages: [
    { path: "/traces", load: () => import("./TracesPage") },
    { path: "/traces/$id", load: () => import("./TracePage") },
    { path: "/shared/$token", load: () => import("./SharedPage"), open: true },
  ],
};
