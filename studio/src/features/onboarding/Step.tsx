import type { ReactNode } from "react";
import { Check } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { welcomeTexts } from "./i18n";

/** One step of the way, with its number, which becomes a tick. */
export function Step({ n, title, text, done, children }: { n: number; title: string; text?: string; done: boolean; children: ReactNode }) {
  const t = useText(welcomeTexts);
  return (
    <section className="card grid gap-3 p-4" aria-label={title} data-done={done || undefined}>
      <header className="flex items-start gap-3">
        <span className={cx("grid size-7 shrink-0 place-items-center rounded-full text-sm font-semibold", done ? "bg-good-soft text-good" : "bg-sunken text-muted")}>
          {done ? <Check className="size-4" aria-label={t("done")} /> : <span aria-label={t("step", { n })} role="img">{n}</span>}
        </span>
        <div className="min-w-0 pt-0.5">
          <h2 className="font-semibold">{title}</h2>
          {text && <p className="text-sm text-muted">{text}</p>}
        </div>
      </header>
      <div className="grid gap-3 sm:pl-10">{children}</div>
    </section>
  );
}
