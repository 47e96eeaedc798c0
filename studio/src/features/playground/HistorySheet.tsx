import { type Dispatch } from "react";
import { CornerUpLeft, Trash2 } from "lucide-react";
import { useText } from "@/i18n";
import { ago, cost, duration, exactTime } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Sheet } from "@/ui/dialog";
import { toast } from "@/ui/toast";
import { playgroundTexts } from "./i18n";
import { type Action, wordsOf } from "./state";
import type { Call, Panel } from "./types";

/** The calls of this visit: what was asked, what came of it, and a way back to both. */
export function HistorySheet({ calls, panels, dispatch, onForget, onClose }: { calls: readonly Call[]; panels: readonly Panel[]; dispatch: Dispatch<Action>; onForget(): void; onClose(): void }) {
  const t = useText(playgroundTexts);
  return (
    <Sheet open onClose={onClose} title={t("history")} description={t("historyText")} actions={<Button variant="danger" onClick={onForget}><Trash2 aria-hidden />{t("forget")}</Button>}>
      <ol className="grid gap-2">
        {calls.map((call) => <CallView key={call.id} call={call} known={panels.some((panel) => panel.id === call.panel)} onTake={() => {
          dispatch({ do: "take", panel: call.panel, asked: call.asked });
          toast(t("taken"));
          onClose();
        }} />)}
      </ol>
    </Sheet>
  );
}

function CallView({ call, known, onTake }: { call: Call; known: boolean; onTake(): void }) {
  const t = useText(playgroundTexts);
  const { outcome, asked } = call;
  const reply = outcome.state === "done" ? outcome.reply : null;
  const last = asked.messages.findLast((message) => message.role === "user") ?? asked.messages.at(-1);
  return (
    <li className="card grid gap-1.5 p-3 text-sm">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Badge tone="accent">{call.letter}</Badge>
        <span className="font-medium">{call.model}</span>
        <span className="text-xs text-muted" title={exactTime(call.at)}>{ago(call.at)}</span>
        {reply ? <span className="text-xs text-muted">{[duration(reply.latency_ms), cost(reply.cost_usd)].join(" · ")}</span> : <Badge tone="warn">{outcome.state === "stopped" ? t("stopped") : t("broken")}</Badge>}
        <span className="ml-auto flex gap-1">
          {outcome.text !== "" && <CopyButton text={outcome.text} label={t("copyAnswer")} />}
          {known && <Button size="sm" variant="ghost" onClick={onTake}><CornerUpLeft aria-hidden />{t("take")}</Button>}
        </span>
      </div>
      {last && <p className="line-clamp-2 break-words text-muted">{wordsOf(last.content)}</p>}
      <p className="line-clamp-4 break-words whitespace-pre-wrap">{outcome.text || reply?.error?.message || "–"}</p>
    </li>
  );
}
