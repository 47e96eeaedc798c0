import type { Schemas, Written } from "@/api/client";
import type { ResourceKind } from "@/resource/kind";
import type { Tone } from "@/ui/badge";

/** An alert: what is watched, when it fires, who is told. */
export type Alert = Schemas["Alert"];
/** What can be written of it. */
export type AlertSpec = Written<Schemas["AlertSpec"], "name" | "measure" | "window_minutes" | "condition" | "channels">;
/** Where an alert stands. */
export type AlertStatus = Schemas["AlertStatus"];

/** How alerts are shown and stored. */
export const alertKind: ResourceKind<Alert> = {
  kind: "alerts",
  path: "/alerts",
  title: { en: "Alerts", vi: "Cảnh báo" },
  create: { en: "New alert", vi: "Cảnh báo mới" },
  empty: {
    en: "An alert watches scores, latency, cost or errors, and tells Slack, a webhook or a mailbox once when something has changed.",
    vi: "Cảnh báo theo dõi điểm, độ trễ, chi phí hoặc lỗi, và báo một lần cho Slack, webhook hoặc hộp thư khi có thay đổi.",
  },
  read: "resources_read",
  write: "resources_write",
  versions: false,
};

/** What a new one begins with. */
export const NEW_ALERT: AlertSpec = {
  name: "", measure: { type: "error_rate" }, window_minutes: 60,
  condition: { type: "threshold", aggregation: "mean", comparison: "above", value: 0.05 },
  channels: [{ type: "webhook", url: "" }],
} as AlertSpec;

/** How each state looks. */
export const STATE_TONES: Record<AlertStatus["state"], Tone> = { ok: "good", firing: "bad", no_data: "neutral" };
/** How each severity looks. */
export const SEVERITY_TONES: Record<Alert["severity"], Tone> = { info: "info", warning: "warn", critical: "bad" };
