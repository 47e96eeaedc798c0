import type { LucideIcon } from "lucide-react";
import type { ComponentType } from "react";
import type { Permission } from "@/api/client";
import type { Both } from "@/i18n";

/** The groups of the navigation, in order. */
export const GROUPS = [
  { id: "home", title: null },
  { id: "evaluate", title: { en: "Evaluate", vi: "Đánh giá" } },
  { id: "observe", title: { en: "Observe", vi: "Quan sát" } },
  { id: "build", title: { en: "Build", vi: "Xây dựng" } },
  { id: "settings", title: { en: "Settings", vi: "Cài đặt" } },
] as const satisfies readonly { id: string; title: Both | null }[];

/** An entry of the navigation and of the command palette. */
export interface NavEntry {
  group: (typeof GROUPS)[number]["id"];
  title: Both;
  to: string;
  icon: LucideIcon;
  /** Who lacks it does not see the entry. */
  permission?: Permission;
  /** `g` and this letter lead there. */
  key?: string;
}

/** Something to do, offered by the command palette: `New agent`. */
export interface CommandEntry {
  title: Both;
  to: string;
  icon: LucideIcon;
  permission?: Permission;
}

/** A page; the file that `load` names exports it as default. */
export interface PageEntry {
  /** In the router's notation: `/agents/$id`. */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
  /** Shown to anybody, without the navigation around it. */
  open?: boolean;
  /** Who lacks it is told so. Left out, it is that of the command that leads here, or of the entry of the navigation above it. */
  permission?: Permission;
}

/** What a folder of `features/` exports from its `routes.tsx`. */
export interface Feature {
  nav?: readonly NavEntry[];
  commands?: readonly CommandEntry[];
  pages: readonly PageEntry[];
}
