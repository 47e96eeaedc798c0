import { MessagesSquare } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Sessions: conversations as they went on, turn by turn. */
export const sessions: Feature = {
  nav: [{ group: "observe", title: { en: "Sessions", vi: "Phiên" }, to: "/sessions", icon: MessagesSquare, permission: "traces_read" }],
  pages: [
    { path: "/sessions", load: () => import("./SessionsPage") },
    { path: "/sessions/$id", load: () => import("./SessionPage") },
  ],
};
