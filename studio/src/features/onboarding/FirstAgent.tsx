import { useQuery } from "@tanstack/react-query";
import { Rocket } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { useText } from "@/i18n";
import { ButtonLink } from "@/ui/button";
import { welcomeTexts } from "./i18n";

/** The way to the first campaign, for a workspace that has no agent yet; nothing for any other. */
export function FirstAgent() {
  const t = useText(welcomeTexts);
  const mayRead = useMay("resources_read");
  const mayWrite = useMay("resources_write");
  const mayRun = useMay("campaigns_run");
  const { data } = useQuery({
    queryKey: ["agents", "any"],
    enabled: mayRead && mayWrite && mayRun,
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/agents", { params: { query: { limit: 1 } }, signal })),
  });
  if (!data || data.data.length > 0) return null;
  return (
    <section aria-labelledby="first-agent" className="card flex flex-wrap items-center gap-x-6 gap-y-3 bg-accent-soft/50 p-5">
      <span className="grid size-11 place-items-center rounded-full bg-accent text-on-accent"><Rocket aria-hidden className="size-5" /></span>
      <div className="min-w-0 flex-1">
        <h2 id="first-agent" className="text-lg font-semibold">{t("title")}</h2>
        <p className="text-sm text-muted">{t("intro")}</p>
      </div>
      <ButtonLink variant="primary" to="/welcome">{t("begin")}</ButtonLink>
    </section>
  );
}
