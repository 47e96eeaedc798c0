import { ChartLine } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Aggregates of traces, observations and scores. */
export const analytics: Feature = {
  nav: [{ group: "observe", title: { en: "Analytics", vi: "Phân tích" }, to: "/analytics", icon: ChartLine, permission: "traces_read", key: "y" }],
  pages: [{ path: "/analytics", load: () => import("./AnalyticsPage") }],
};
