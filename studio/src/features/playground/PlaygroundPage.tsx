import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { BrainCircuit } from "lucide-react";
import { useMay, useMe } from "@/api/me";
import { usePages } from "@/api/pages";
import { type Model, modelKind } from "@/features/models/kind";
import { useText } from "@/i18n";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { Page } from "@/ui/page";
import { Empty, ErrorState, Loading, NoPermission } from "@/ui/states";
import { arrive, type Arrived, entrance } from "./arrive";
import { Board } from "./Board";
import { playgroundTexts } from "./i18n";
import { Keep, type Kept } from "./keep";
import { newId, newPanel, newState } from "./state";
import type { State } from "./types";

/** Models side by side: what each answers to the same words, or to other words, with other settings. */
export default function PlaygroundPage() {
  const t = useText(playgroundTexts);
  const mayRun = useMay("evaluations_run");
  const mayMake = useMay(modelKind.write);
  const models = usePages<Model>({ key: ["models", "choice"], path: "/api/v1/models", limit: 200, enabled: mayRun });
  if (!mayRun) return <Page title={t("playground")}><NoPermission /></Page>;
  if (models.error && models.rows.length === 0) return <Page title={t("playground")}><ErrorState error={models.error} onRetry={() => void models.refetch()} /></Page>;
  if (models.isPending) return <Page title={t("playground")}><Loading /></Page>;
  if (models.rows.length === 0) {
    return (
      <Page title={t("playground")}>
        <Empty icon={BrainCircuit} title={t("noModels")} action={mayMake && <ButtonLink variant="primary" to="/models/new">{t("makeModel")}</ButtonLink>}>{mayMake ? t("noModelsText") : t("noModelsAsk")}</Empty>
      </Page>
    );
  }
  return <Kept models={models.rows} />;
}

const ENTRANCE = { prompt: "", version: "", label: "", model: "", trace: "", obs: "", run: "", turn: "" };

interface Session {
  key: string;
  state: State;
  arrived: Arrived | null;
  /** The address names a page that this tab does not have. */
  missing: boolean;
}

/** The page that the address names: one that was kept, one that is made of what another page shows, or a new one. */
function Kept({ models }: { models: readonly Model[] }) {
  const t = useText(playgroundTexts);
  const { workspace } = useMe();
  const keep = useMemo(() => new Keep(workspace.id), [workspace.id]);
  const [{ state, id, ...from }, set] = useUrlState({ state: "", id: "", ...ENTRANCE });
  const [session, setSession] = useState<Session | null>(null);
  const written = useRef<Kept | null>(null);
  const comes = entrance(from);
  // The model that was talked to last is the one to begin with.
  const usual = useMemo(() => {
    const last = keep.last();
    const before = last && keep.load(last)?.panels[0]?.model;
    return models.find((one) => one.id === before)?.id ?? models[0]?.id ?? null;
  }, [keep, models]);
  const arrival = useQuery({ queryKey: ["playground", "arrival", from], queryFn: ({ signal }) => arrive(from, models, usual, signal), enabled: comes, gcTime: 0, staleTime: Infinity, retry: false });

  useEffect(() => {
    if (comes) {
      if (!arrival.data) return;
      const next = newState(arrival.data.panel);
      written.current = null;
      setSession({ key: newId(), state: next, arrived: arrival.data, missing: false });
      // The address is the page's own from now on: a reload brings back what was changed since.
      const kept = keep.save(next, "");
      written.current = kept;
      set({ ...ENTRANCE, ...kept });
      return;
    }
    const address = state || id ? { state, id } : keep.last();
    if (session && (!address || (address.state === written.current?.state && address.id === written.current.id))) return;
    const found = address && keep.load(address);
    written.current = found ? (address as Kept) : null;
    setSession({ key: newId(), state: found ?? newState(newPanel({ model: usual })), arrived: null, missing: address !== null && !found });
  }, [comes, arrival.data, state, id]);

  if (comes && arrival.error) return <Page title={t("playground")}><ErrorState error={arrival.error} onRetry={() => void arrival.refetch()} /></Page>;
  if (comes || !session) return <Page title={t("playground")}><Loading /></Page>;
  const save = (next: State) => {
    const kept = keep.save(next, written.current?.id ?? "");
    written.current = kept;
    if (kept.state !== state || kept.id !== id) set(kept);
  };
  return <Board key={session.key} initial={session.state} arrived={session.arrived} missing={session.missing} models={models} keep={keep} address={state + id} onChange={save} />;
}
