import { Bot, Braces, Brain, CircleDot, Database, Gauge, Link2, type LucideIcon, ScanSearch, ShieldCheck, Sparkles, Wrench } from "lucide-react";
import type { Schemas } from "@/api/client";
import { cx } from "@/lib/cx";

/** What an observation is. */
export type Kind = Schemas["ObservationType"];

const KINDS: Record<Kind, { icon: LucideIcon; text: string; bar: string }> = {
  SPAN: { icon: Braces, text: "text-muted", bar: "bg-edge" },
  GENERATION: { icon: Sparkles, text: "text-copper", bar: "bg-copper" },
  EVENT: { icon: CircleDot, text: "text-muted", bar: "bg-edge" },
  EMBEDDING: { icon: Brain, text: "text-copper", bar: "bg-copper" },
  AGENT: { icon: Bot, text: "text-accent", bar: "bg-accent" },
  TOOL: { icon: Wrench, text: "text-info", bar: "bg-info" },
  CHAIN: { icon: Link2, text: "text-accent", bar: "bg-accent" },
  RETRIEVER: { icon: Database, text: "text-good", bar: "bg-good" },
  GUARDRAIL: { icon: ShieldCheck, text: "text-warn", bar: "bg-warn" },
  EVALUATOR: { icon: Gauge, text: "text-warn", bar: "bg-warn" },
};

/** The sign of a kind; `label` for where no word stands beside it. */
export function KindIcon({ kind, className }: { kind: Kind; className?: string }) {
  const { icon: Icon, text } = KINDS[kind] ?? KINDS.SPAN;
  return <Icon role="img" aria-label={kind.toLowerCase()} className={cx("size-3.5 shrink-0", text, className)} />;
}

/** The colour of a kind's bar. */
export const barColour = (kind: Kind, failed: boolean) => (failed ? "bg-bad" : (KINDS[kind] ?? KINDS.SPAN).bar);

/** The sign of a whole trace. */
export const TraceIcon = () => <ScanSearch aria-hidden className="size-3.5 shrink-0 text-accent" />;
