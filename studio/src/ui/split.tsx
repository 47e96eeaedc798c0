import { type ReactNode, useRef, useState } from "react";
import { cx } from "@/lib/cx";

const LEAST = 20;
const MOST = 80;

/** Two parts side by side with a bar that moves between them; below each other where there is little room. */
export function Split({ left, right, label, name, initial = 45, className }: {
  left: ReactNode;
  right: ReactNode;
  /** What the bar is, for screen readers. */
  label: string;
  /** Under which the place of the bar is kept. */
  name: string;
  /** The share of the left part, in percent. */
  initial?: number;
  className?: string;
}) {
  const host = useRef<HTMLDivElement>(null);
  const [share, setShare] = useState(() => kept(name) ?? initial);
  const move = (next: number) => {
    const value = Math.round(Math.min(MOST, Math.max(LEAST, next)));
    setShare(value);
    try {
      localStorage.setItem(`assay.split.${name}`, String(value));
    } catch {
      // Kept for this page alone.
    }
  };
  return (
    <div ref={host} className={cx("flex flex-col gap-3 lg:flex-row lg:gap-0", className)} style={{ "--share": `${share}%` } as React.CSSProperties}>
      <div className="min-h-0 min-w-0 lg:w-(--share) lg:flex-none">{left}</div>
      <div
        role="separator" tabIndex={0} aria-label={label} aria-orientation="vertical" aria-valuenow={share} aria-valuemin={LEAST} aria-valuemax={MOST}
        className="group hidden w-3 shrink-0 cursor-col-resize touch-none place-items-center lg:grid"
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          const box = host.current?.getBoundingClientRect();
          if (box && event.currentTarget.hasPointerCapture(event.pointerId)) move(((event.clientX - box.left) / box.width) * 100);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") move(share - 2);
          if (event.key === "ArrowRight") move(share + 2);
        }}
      >
        <span aria-hidden className="h-10 w-1 rounded-full bg-line transition-colors group-hover:bg-accent" />
      </div>
      <div className="min-h-0 min-w-0 flex-1">{right}</div>
    </div>
  );
}

function kept(name: string): number | null {
  try {
    const value = Number(localStorage.getItem(`assay.split.${name}`));
    return value >= LEAST && value <= MOST ? value : null;
  } catch {
    return null;
  }
}
