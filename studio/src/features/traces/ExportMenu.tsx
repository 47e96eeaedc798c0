import { useRef, useState } from "react";
import { Download, X } from "lucide-react";
import { useText } from "@/i18n";
import { bytes } from "@/lib/format";
import type { Span } from "@/lib/time-range";
import { Button } from "@/ui/button";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { messageOf } from "@/ui/states";
import { toast, toastError } from "@/ui/toast";
import { type Filters, queryOf } from "./conditions";
import { type ExportKind, saveFile, sharedQuery } from "./export";
import { traceTexts } from "./i18n";

/** Saves what the filters select, as CSV or as lines of JSON. */
export function ExportMenu({ filters, span }: { filters: Filters; span: Span }) {
  const t = useText(traceTexts);
  const [size, setSize] = useState<number | null>(null);
  const running = useRef<AbortController>(null);
  const save = async (kind: ExportKind, format: "csv" | "ndjson") => {
    const controller = new AbortController();
    running.current = controller;
    setSize(0);
    const name = `${kind}-${new Date().toISOString().slice(0, 10)}.${format}`;
    try {
      const query = kind === "traces" ? queryOf(filters, span) : sharedQuery(filters, span);
      const total = await saveFile(`/api/v1/exports/${kind}`, { ...query, format }, name, setSize, controller.signal);
      toast(t("exportDone", { name, size: bytes(total) }));
    } catch (error) {
      if (!controller.signal.aborted) toastError(messageOf(error, t("exportFailed")));
    } finally {
      setSize(null);
    }
  };
  if (size !== null) {
    return (
      <span role="status" className="flex h-8 items-center gap-2 rounded-md bg-sunken pr-1 pl-3 text-sm tabular-nums">
        {t("exporting", { size: bytes(size) })}
        <Button variant="ghost" size="icon-sm" aria-label={t("stop")} onClick={() => running.current?.abort()}><X aria-hidden /></Button>
      </span>
    );
  }
  const kinds = [["traces", t("exportTraces")], ["observations", t("exportObservations")], ["scores", t("exportScores")]] as const;
  return (
    <Menu trigger={<Button><Download aria-hidden />{t("export")}</Button>}>
      {kinds.map(([kind, label]) => (["csv", "ndjson"] as const).map((format) => (
        <MenuItem key={kind + format} onSelect={() => void save(kind, format)}>
          {label}<span className="ml-auto pl-6 text-xs text-muted">{format === "csv" ? "CSV" : "NDJSON"}</span>
        </MenuItem>
      )))}
      <MenuLine />
      <p className="max-w-60 px-2 py-1 text-xs text-muted">{t("exportOnly")}</p>
    </Menu>
  );
}
