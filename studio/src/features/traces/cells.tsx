import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { CircleAlert, TriangleAlert } from "lucide-react";
import { useText } from "@/i18n";
import { ago, exactTime } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { PlainLink } from "@/ui/plain-link";
import { textOf } from "@/lib/chat";
import { traceTexts } from "./i18n";
import { scoresKey, useScoresOf, valueText } from "./scores";

/** Longer texts are no use in a row, and slow. */
const LONG = 300;

/** An instant, relative, with the exact one in its title. */
export const When = ({ at }: { at: string }) => <time dateTime={at} title={exactTime(at)} className="whitespace-nowrap text-muted">{ago(at)}</time>;

/** What went in or came out, in one line. */
export const Preview = ({ payload, role }: { payload: unknown; role: "user" | "assistant" }) => {
  const text = textOf(payload, role).slice(0, LONG);
  return <span className="text-xs text-muted" title={text}>{text}</span>;
};

/** A link to an end user. */
export const UserLink = ({ id }: { id: string | null }) => id === null ? null : (
  <PlainLink to={`/users/${encodeURIComponent(id)}`} className="hover:text-accent hover:underline" title={id}>{id}</PlainLink>
);

/** A link to a session. */
export const SessionLink = ({ id }: { id: string | null }) => id === null ? null : (
  <PlainLink to={`/sessions/${encodeURIComponent(id)}`} className="font-mono text-xs hover:text-accent hover:underline" title={id}>{id}</PlainLink>
);

/** Errors and warnings, where there are any. */
export function Trouble({ errors, warnings }: { errors: number; warnings: number }) {
  const t = useText(traceTexts);
  return (
    <span className="inline-flex gap-1">
      {errors > 0 && <Badge tone="bad"><CircleAlert aria-hidden className="size-3" />{t("errors", { n: errors })}</Badge>}
      {warnings > 0 && <Badge tone="warn"><TriangleAlert aria-hidden className="size-3" />{t("warnings", { n: warnings })}</Badge>}
    </span>
  );
}

/** Some tags. */
export const Tags = ({ tags }: { tags: readonly string[] }) => (
  <span className="inline-flex gap-1" title={tags.join(", ")}>{tags.slice(0, 3).map((tag) => <Badge key={tag}>{tag}</Badge>)}{tags.length > 3 && <span className="text-xs text-muted">+{tags.length - 3}</span>}</span>
);

/** So long a row is in sight before its scores are asked for: who scrolls past many wants none of them. In milliseconds. */
const IN_SIGHT = 60;

/** A few scores of a trace, one of each name. */
export function Scores({ trace }: { trace: string }) {
  const client = useQueryClient();
  const [stays, setStays] = useState(() => client.getQueryData(scoresKey(trace)) !== undefined);
  useEffect(() => {
    if (stays) return undefined;
    const timer = setTimeout(() => setStays(true), IN_SIGHT);
    return () => clearTimeout(timer);
  }, [stays]);
  return stays ? <Known trace={trace} /> : null;
}

function Known({ trace }: { trace: string }) {
  const scores = useScoresOf(trace);
  if (scores.length === 0) return null;
  // The newest of each name.
  const names = new Map([...scores].reverse().map((one) => [one.name, one]));
  const title = [...names.values()].map((one) => `${one.name}: ${valueText(one)}`).join("\n");
  return (
    <span className="inline-flex gap-1" title={title}>
      {[...names.values()].slice(0, 2).map((one) => <Badge key={one.name} className="max-w-36"><span className="truncate">{one.name}</span><span className="text-ink tabular-nums">{valueText(one).slice(0, 24)}</span></Badge>)}
      {names.size > 2 && <span className="text-xs text-muted">+{names.size - 2}</span>}
    </span>
  );
}
