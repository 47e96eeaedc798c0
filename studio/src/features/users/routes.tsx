import { Users } from "lucide-react";
import type { Feature } from "@/app/feature";

/** End users, as traces name them. */
export const users: Feature = {
  nav: [{ group: "observe", title: { en: "Users", vi: "Người dùng" }, to: "/users", icon: Users, permission: "traces_read" }],
  pages: [
    { path: "/users", load: () => import("./UsersPage") },
    { path: "/users/$id", load: () => import("./UserPage") },
  ],
};
