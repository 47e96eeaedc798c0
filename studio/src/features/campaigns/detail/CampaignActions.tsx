import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { CirclePause, CirclePlay, CircleX, Copy, GitCompareArrows, RotateCcw } from "lucide-react";
import type { Schemas } from "@/api/client";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { Button, ButtonLink } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { toast } from "@/ui/toast";
import { acts, type Campaign, isOpen, useCampaignAction } from "../data";
import { detailTexts } from "./i18n";
import { ResumeDialog } from "./ResumeDialog";

const RERUNS = [
  ["failed", "rerunFailed"], ["error", "rerunError"], ["not_passed", "rerunNotPassed"], ["changed", "rerunChanged"], ["all", "rerunAll"],
] as const satisfies readonly (readonly [Schemas["RerunOnly"], string])[];

/** What can be done with a campaign as it stands. */
export function CampaignActions({ campaign }: { campaign: Campaign }) {
  const t = useText(detailTexts);
  const navigate = useNavigate();
  const mayRun = useMay("campaigns_run");
  const [asking, setAsking] = useState<"cancel" | "resume" | null>(null);
  const pause = useCampaignAction<null>(acts.pause);
  const cancel = useCampaignAction<null>(acts.cancel);
  const resume = useCampaignAction(acts.resume);
  const rerun = useCampaignAction(acts.rerun);
  const replay = useCampaignAction(acts.replay);
  const { id, status, summary } = campaign;
  const open = isOpen(campaign);
  const onSuccess = (next: Campaign) => {
    toast(t("rerunStarted"));
    void navigate({ to: `/campaigns/${next.id}` });
  };
  const some: Partial<Record<Schemas["RerunOnly"], number>> = { failed: summary.failed, error: summary.error, not_passed: summary.total - summary.passed };
  return (
    <>
      {mayRun && (status === "running" || status === "queued") && (
        <Button busy={pause.isPending} onClick={() => pause.mutate({ id, given: null })}><CirclePause aria-hidden />{t("pause")}</Button>
      )}
      {mayRun && status === "paused" && (
        <Button
          variant="primary" busy={resume.isPending}
          onClick={() => (campaign.paused_reason && campaign.spec.budget ? setAsking("resume") : resume.mutate({ id, given: null }))}
        >
          <CirclePlay aria-hidden />{t("resume")}
        </Button>
      )}
      {mayRun && open && <Button variant="danger" onClick={() => setAsking("cancel")}><CircleX aria-hidden />{t("cancel")}</Button>}
      {!open && <ButtonLink to={`/campaigns/${id}/compare`} search={(campaign.rerun_of ? { baseline: campaign.rerun_of } : {}) as never}><GitCompareArrows aria-hidden />{t("compare")}</ButtonLink>}
      {mayRun && <ButtonLink to="/campaigns/new" search={{ from: id } as never}><Copy aria-hidden />{t("clone")}</ButtonLink>}
      {mayRun && !open && (
        <Menu trigger={<Button variant="primary" busy={rerun.isPending}><RotateCcw aria-hidden />{t("rerun")}</Button>}>
          {RERUNS.map(([only, label]) => (
            <MenuItem key={only} disabled={some[only] === 0} onSelect={() => rerun.mutate({ id, given: only }, { onSuccess })}>
              <span className="flex-1">{t(label)}</span>
              {some[only] !== undefined && <span className="text-xs text-muted tabular-nums">{some[only]}</span>}
            </MenuItem>
          ))}
          {campaign.spec.record && <MenuLine />}
          {campaign.spec.record && (
            <MenuItem onSelect={() => replay.mutate({ id, given: campaign.spec }, { onSuccess })}>
              <span>{t("replay")}<span className="block text-xs text-muted">{t("replayHint")}</span></span>
            </MenuItem>
          )}
        </Menu>
      )}
      <Confirm
        danger open={asking === "cancel"} onClose={() => setAsking(null)} title={t("cancelTitle")} description={t("cancelText")}
        confirm={t("cancelIt")} busy={cancel.isPending} onConfirm={() => cancel.mutate({ id, given: null }, { onSettled: () => setAsking(null) })}
      />
      {asking === "resume" && <ResumeDialog campaign={campaign} onClose={() => setAsking(null)} />}
    </>
  );
}
