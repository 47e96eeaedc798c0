import { ListChecks } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Review queues: people beside the judges. */
export const review: Feature = {
  nav: [{ group: "evaluate", title: { en: "Review", vi: "Đánh giá thủ công" }, to: "/review", icon: ListChecks, permission: "campaigns_read", key: "r" }],
  commands: [{ title: { en: "New review queue", vi: "Hàng đợi đánh giá mới" }, to: "/review/new", icon: ListChecks, permission: "resources_write" }],
  pages: [
    { path: "/review", load: () => import("./QueuesPage") },
    { path: "/review/new", load: () => import("./NewQueuePage") },
    { path: "/review/$id", load: () => import("./QueuePage") },
    { path: "/review/$id/work", load: () => import("./WorkPage"), permission: "scores_write" },
  ],
};
