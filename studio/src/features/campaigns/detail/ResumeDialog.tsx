import { useState } from "react";
import type { Schemas } from "@/api/client";
import { ApiError } from "@/api/error";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { FieldErrors } from "@/ui/field";
import { acts, type Campaign, useCampaignAction } from "../data";
import { BudgetFields } from "../BudgetFields";
import { detailTexts } from "./i18n";

/** A campaign that its budget has paused goes on with a higher one. */
export function ResumeDialog({ campaign, onClose }: { campaign: Campaign; onClose(): void }) {
  const t = useText(detailTexts);
  const [budget, setBudget] = useState<Schemas["Budget"]>(campaign.spec.budget ?? {});
  const resume = useCampaignAction(acts.resume);
  const errors = resume.error instanceof ApiError ? resume.error.fields : new Map<string, string>();
  return (
    <Dialog
      open onClose={onClose} title={t("resumeTitle")} description={campaign.paused_reason ?? t("resumeText")}
      actions={<Button variant="primary" busy={resume.isPending} onClick={() => resume.mutate({ id: campaign.id, given: budget }, { onSuccess: onClose })}>{t("resume")}</Button>}
    >
      <FieldErrors value={errors}><BudgetFields value={budget} onChange={setBudget} /></FieldErrors>
    </Dialog>
  );
}
