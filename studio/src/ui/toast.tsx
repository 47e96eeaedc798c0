import { useEffect, useRef, useSyncExternalStore } from "react";
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useText } from "@/i18n";
import { Button } from "./button";
import { uiTexts } from "./i18n";

interface Toast {
  id: number;
  text: string;
  tone: "good" | "bad";
  undo?: (() => void) | undefined;
}

let toasts: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();
const change = (list: readonly Toast[]) => {
  toasts = list;
  for (const listener of listeners) listener();
};
const dismiss = (id: number) => change(toasts.filter((toast) => toast.id !== id));

/** Long enough to read; a pointer or the focus on a toast keeps it. */
const SHOWN_MS = 4000;
/** Long enough to reach Undo, or to read what went wrong. */
const LONG_MS = 9000;

/** Says that something was done. With `undo` it can be taken back. */
export function toast(text: string, options: { undo?: () => void; tone?: "good" | "bad" } = {}): void {
  const id = next++;
  change([...toasts.slice(-3), { id, text, tone: options.tone ?? "good", undo: options.undo }]);
}

/** Says that something failed. */
export const toastError = (text: string) => toast(text, { tone: "bad" });

/** Where toasts appear; once in the app. */
export function Toaster() {
  const t = useText(uiTexts);
  const list = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, () => toasts);
  return (
    <section aria-label={t("notifications")} aria-live="polite" className="pointer-events-none fixed right-4 bottom-4 z-[60] grid w-[min(24rem,calc(100vw-2rem))] gap-2">
      {list.map((one) => <ToastCard key={one.id} toast={one} />)}
    </section>
  );
}

function ToastCard({ toast: { id, text, tone, undo } }: { toast: Toast }) {
  const t = useText(uiTexts);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const stop = () => clearTimeout(timer.current);
  const start = () => {
    stop();
    timer.current = setTimeout(() => dismiss(id), undo || tone === "bad" ? LONG_MS : SHOWN_MS);
  };
  useEffect(() => {
    start();
    return stop;
  }, []);
  const Icon = tone === "good" ? CircleCheck : CircleAlert;
  return (
    <div onPointerEnter={stop} onPointerLeave={start} onFocus={stop} onBlur={start} className="pointer-events-auto flex animate-rise items-center gap-2.5 rounded-md border border-line bg-raised py-2 pr-2 pl-3 shadow-pop">
      <Icon aria-hidden className={tone === "good" ? "size-4 shrink-0 text-good" : "size-4 shrink-0 text-bad"} />
      <p className="min-w-0 flex-1 text-sm">{text}</p>
      {undo && <Button size="sm" onClick={() => { dismiss(id); undo(); }}>{t("undo")}</Button>}
      <Button variant="ghost" size="icon-sm" aria-label={t("close")} onClick={() => dismiss(id)}><X aria-hidden /></Button>
    </div>
  );
}
