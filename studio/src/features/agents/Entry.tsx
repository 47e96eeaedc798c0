import { type ReactNode, useContext, useState } from "react";
import { ChevronRight, X } from "lucide-react";
import { cx } from "@/lib/cx";
import { Button } from "@/ui/button";
import { FieldErrors } from "@/ui/field";

/** One of a list of long things: closed it is a line. It opens when something in it is wrong. */
export function Entry({ pointer, name, summary, isNew, removeLabel, onRemove, children }: {
  pointer: string;
  name: string;
  summary: ReactNode;
  isNew: boolean;
  removeLabel: string;
  onRemove(): void;
  children: ReactNode;
}) {
  const errors = useContext(FieldErrors);
  const [opened, setOpened] = useState(isNew);
  const wrong = [...errors.keys()].some((at) => at === pointer || at.startsWith(`${pointer}/`));
  const open = opened || wrong;
  return (
    <section aria-label={name} data-pointer={pointer} className="rounded-md border border-line">
      <header className="flex items-center gap-1 py-1 pr-1 pl-2">
        <button type="button" aria-expanded={open} onClick={() => setOpened(!open)} className="flex min-h-7 min-w-0 flex-1 items-center gap-2 rounded-sm text-left text-sm">
          <ChevronRight aria-hidden className={cx("size-4 shrink-0 text-muted transition-transform", open && "rotate-90")} />
          <span className="truncate font-medium">{name}</span>
          {summary}
        </button>
        <Button variant="ghost" size="icon-sm" aria-label={removeLabel} onClick={onRemove}><X aria-hidden /></Button>
      </header>
      {open && <div className="grid gap-4 border-t border-line p-3">{children}</div>}
      {errors.has(pointer) && <p role="alert" className="px-3 pb-2 text-xs font-medium text-bad">{errors.get(pointer)}</p>}
    </section>
  );
}
