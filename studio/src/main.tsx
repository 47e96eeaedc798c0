import "@/app/old-links";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { begin, loadAhead } from "@/app/ahead";
import { App } from "@/app/App";
import { followTheme } from "@/app/theme";
import "@/styles/app.css";

begin(location.pathname);
followTheme();
const root = document.getElementById("root");
if (root) createRoot(root).render(<StrictMode><App /></StrictMode>);
addEventListener("load", loadAhead, { once: true });
