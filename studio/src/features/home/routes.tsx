import { House } from "lucide-react";
import type { Feature } from "@/app/feature";

/** Where one begins. */
export const home: Feature = {
  nav: [{ group: "home", title: { en: "Home", vi: "Trang chủ" }, to: "/", icon: House, key: "h" }],
  pages: [{ path: "/", load: () => import("./HomePage") }],
};
