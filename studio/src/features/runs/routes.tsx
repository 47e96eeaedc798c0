import type { Feature } from "@/app/feature";

/** Runs: one item of a campaign, met once. They are reached from campaigns, traces and reviews. */
export const runs: Feature = {
  pages: [{ path: "/runs/$id", load: () => import("./RunPage"), permission: "campaigns_read" }],
};
