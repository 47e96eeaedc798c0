import { FlaskConical } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Campaigns: agents, put to the test. */
export const campaigns: Feature = {
  nav: [{ group: "evaluate", title: { en: "Campaigns", vi: "Chiến dịch" }, to: "/campaigns", icon: FlaskConical, permission: "campaigns_read", key: "c" }],
  commands: [{ title: { en: "New campaign", vi: "Chiến dịch mới" }, to: "/campaigns/new", icon: FlaskConical, permission: "campaigns_run" }],
  pages: [
    { path: "/campaigns", load: () => import("./list/CampaignsPage") },
    { path: "/campaigns/new", load: () => import("./wizard/NewCampaignPage") },
    { path: "/campaigns/schedules/new", load: () => import("./starts/SchedulePage"), permission: "campaigns_run" },
    { path: "/campaigns/schedules/$id", load: () => import("./starts/SchedulePage"), permission: "campaigns_run" },
    { path: "/campaigns/hooks/new", load: () => import("./starts/HookPage"), permission: "campaigns_run" },
    { path: "/campaigns/hooks/$id", load: () => import("./starts/HookPage"), permission: "campaigns_run" },
    { path: "/campaigns/$id", load: () => import("./detail/CampaignPage") },
    { path: "/campaigns/$id/compare", load: () => import("./compare/ComparePage") },
  ],
};
