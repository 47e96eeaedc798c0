import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { useText } from "@/i18n";
import { type Shortcut, useShortcuts } from "@/lib/keyboard";
import { Button } from "@/ui/button";
import { Sheet } from "@/ui/dialog";
import { Loading } from "@/ui/states";
import { connection } from "./connection";
import { features } from "./features";
import { appTexts } from "./i18n";
import { Brand, Sidebar } from "./Sidebar";

const Palette = lazy(() => import("./CommandPalette"));
const Help = lazy(() => import("./KeyboardHelp"));

type Overlay = "palette" | "help" | "navigation" | null;

/** The frame around every page: navigation at the left, the page at the right, and what opens above both. */
export function Shell() {
  const t = useText(appTexts);
  const navigate = useNavigate();
  const [overlay, setOverlay] = useState<Overlay>(null);
  useFocusOnPage();
  const close = () => setOverlay(null);

  const shortcuts = useMemo<Shortcut[]>(() => [
    { keys: "Mod+k", label: { en: "Search and commands", vi: "Tìm kiếm và lệnh" }, whileTyping: true, run: () => setOverlay("palette") },
    { keys: "?", label: { en: "Keyboard shortcuts", vi: "Phím tắt" }, run: () => setOverlay("help") },
    { keys: "/", label: { en: "Search this list", vi: "Tìm trong danh sách" }, run: () => document.querySelector<HTMLInputElement>("main input[type=search]")?.focus() },
    ...features.flatMap((feature) => feature.nav ?? []).filter((entry) => entry.key).map((entry) => ({
      keys: `g ${entry.key}`, label: entry.title, run: () => void navigate({ to: entry.to }),
    })),
  ], [navigate]);
  useShortcuts(shortcuts);

  return (
    <div className="grid min-h-dvh grid-rows-[auto_1fr] md:grid-cols-[13.5rem_minmax(0,1fr)] md:grid-rows-1">
      <a href="#main" className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2">{t("skip")}</a>
      <div className="flex items-center gap-3 border-b border-line bg-surface px-3 py-2 md:hidden">
        <Button variant="ghost" size="icon" aria-label={t("openMenu")} onClick={() => setOverlay("navigation")}><MenuIcon aria-hidden /></Button>
        <Brand />
      </div>
      <aside className="sticky top-0 hidden h-dvh border-r border-line bg-surface md:block">
        <Sidebar onSearch={() => setOverlay("palette")} onHelp={() => setOverlay("help")} />
      </aside>
      <div className="min-w-0">
        <OfflineBanner />
        <main id="main" tabIndex={-1} className="outline-none">
          <Suspense fallback={<Loading />}><Outlet /></Suspense>
        </main>
      </div>
      <Sheet open={overlay === "navigation"} onClose={close} title={t("navigation")} className="mr-auto ml-0 w-72">
        <Sidebar onSearch={() => setOverlay("palette")} onHelp={() => setOverlay("help")} onLeave={close} />
      </Sheet>
      <Suspense>
        {overlay === "palette" && <Palette onClose={close} />}
        {overlay === "help" && <Help onClose={close} />}
      </Suspense>
    </div>
  );
}

/** Leads the focus to a page that was gone to, so that the next Tab is in it; not at the start, and not out of a field. */
function useFocusOnPage() {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const before = useRef(path);
  useEffect(() => {
    const main = document.getElementById("main");
    if (before.current !== undefined && before.current !== path && !main?.contains(document.activeElement)) {
      main?.focus({ preventScroll: true });
    }
    before.current = path;
  }, [path]);
}

function OfflineBanner() {
  const t = useText(appTexts);
  return connection.useLost() ? <p role="alert" className="bg-warn-soft px-6 py-1.5 text-sm font-medium text-warn">{t("offline")}</p> : null;
}
