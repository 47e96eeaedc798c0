import { Building2, Filter, KeyRound, ScrollText, Share2, Users } from "lucide-react";
import type { Feature } from "@/app/feature";

/** What a workspace is and who may do what in it. */
export const settings: Feature = {
  nav: [
    { group: "settings", title: { en: "Workspace", vi: "Không gian làm việc" }, to: "/settings/workspace", icon: Building2, permission: "workspace_read" },
    { group: "settings", title: { en: "Team", vi: "Nhóm" }, to: "/settings/team", icon: Users, permission: "members_read" },
    { group: "settings", title: { en: "API keys", vi: "Khóa API" }, to: "/settings/keys", icon: KeyRound, permission: "api_keys_manage" },
    { group: "settings", title: { en: "Ingestion", vi: "Tiếp nhận" }, to: "/settings/ingestion", icon: Filter, permission: "workspace_read" },
    { group: "settings", title: { en: "Forwarding", vi: "Chuyển tiếp" }, to: "/settings/destinations", icon: Share2, permission: "workspace_read" },
    { group: "settings", title: { en: "Audit log", vi: "Nhật ký kiểm toán" }, to: "/settings/audit", icon: ScrollText, permission: "audit_read" },
  ],
  pages: [
    { path: "/settings/workspace", load: () => import("./WorkspacePage") },
    { path: "/settings/team", load: () => import("./TeamPage") },
    { path: "/settings/keys", load: () => import("./KeysPage") },
    { path: "/settings/ingestion", load: () => import("./IngestionPage") },
    { path: "/settings/destinations", load: () => import("./DestinationsPage") },
    { path: "/settings/audit", load: () => import("./AuditPage") },
  ],
};
