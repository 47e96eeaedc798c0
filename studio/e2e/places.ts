import { features } from "@/app/features";
import type { Made } from "./everything";

/** Every page of the app, as the router knows it. */
export const PAGES = features.flatMap((feature) => feature.pages);
/** Those with the navigation around them, which need somebody to be signed in. */
export const INNER = PAGES.filter((page) => !page.open).map((page) => page.path);

/** An address, and the fields whose words it shows. */
export interface Place {
  at: string;
  shows?: string[];
}

const e = encodeURIComponent;
const tabs = (path: string, ...names: string[]) => names.map((name) => ({ at: `${path}${path.includes("?") ? "&" : "?"}tab=${name}` }));

/** Where each page is met, in every part of it. A page that is not named here fails the walks: add it, with what it shows. */
export const placesOf = (made: Made): Record<string, Place[]> => ({
  "/": [{ at: "/" }],
  "/sign-in": [{ at: "/sign-in?next=javascript:window.__canary=1" }],
  "/invitation": [{ at: "/invitation" }],
  "/profile": [{ at: "/profile" }],
  "/welcome": [{ at: "/welcome" }],
  "/campaigns": [{ at: "/campaigns" }, { at: "/campaigns?tab=starts" }],
  "/campaigns/new": ["agents", "cases", "models", "metrics", "run"].map((step) => ({ at: `/campaigns/new?step=${step}` })),
  "/campaigns/$id": [{ at: `/campaigns/${made.campaign}` }, ...tabs(`/campaigns/${made.campaign}`, "matrix", "runs", "activity", "gate", "report", "settings"), ...tabs(`/campaigns/${made.failing}`, "overview", "runs", "report")],
  "/campaigns/$id/compare": [{ at: `/campaigns/${made.campaign}/compare?baseline=${made.second}` }],
  "/runs/$id": [{ at: `/runs/${made.run}` }, ...tabs(`/runs/${made.run}`, "events", "history", "forks", "details"), { at: `/runs/${made.failed}` }, { at: `/runs/${made.waiting}` }, { at: `/runs/${made.waiting}?tab=history&view=state` }],
  "/scenarios": [{ at: "/scenarios" }],
  "/scenarios/new": [{ at: "/scenarios/new" }, { at: "/scenarios/new?course=graph" }],
  "/scenarios/$id": [
    { at: `/scenarios/${made.scenario}` }, ...["ask", "made", "person", "check"].map((node) => ({ at: `/scenarios/${made.scenario}?node=${node}` })), { at: `/scenarios/${made.scenario}?panel=json` }, { at: `/scenarios/${made.scenario}?panel=dry` },
    ...tabs(`/scenarios/${made.scenario}`, "situation", "run"), { at: `/scenarios/${made.scenario}?tab=versions&version=2&against=1` }, { at: `/scenarios/${made.scenario}?tab=run&campaign=${made.played}&run=${made.waiting}&part=talk` },
  ],
  "/datasets": [{ at: "/datasets" }],
  "/datasets/new": [{ at: "/datasets/new" }],
  "/datasets/$id": [{ at: `/datasets/${made.dataset}` }, ...tabs(`/datasets/${made.dataset}`, "versions", "settings")],
  "/datasets/$id/import": [{ at: `/datasets/${made.dataset}/import` }],
  "/metrics": [{ at: "/metrics" }],
  "/metrics/catalogue": [{ at: "/metrics/catalogue" }],
  "/metrics/new": [{ at: "/metrics/new?kind=g_eval" }],
  "/metrics/$id": [{ at: `/metrics/${made.library}` }, ...tabs(`/metrics/${made.library}`, "versions")],
  "/review": [{ at: "/review" }],
  "/review/new": [{ at: "/review/new" }],
  "/review/$id": [{ at: `/review/${made.queue}` }, ...tabs(`/review/${made.queue}`, "items", "annotations", "agreement", "judges", "settings"), { at: `/review/${made.queue}?tab=items&item=${made.item}` }],
  "/review/$id/work": [{ at: `/review/${made.queue}/work` }],
  "/label-schemas": [{ at: "/label-schemas" }],
  "/label-schemas/new": [{ at: "/label-schemas/new" }],
  "/label-schemas/$id": [{ at: `/label-schemas/${made.schema}` }, ...tabs(`/label-schemas/${made.schema}`, "versions")],
  "/calibrations": [{ at: "/calibrations" }, { at: "/calibrations?new=1" }],
  "/calibrations/$id": [{ at: `/calibrations/${made.calibration}` }],
  "/traces": [{ at: "/traces" }, { at: `/traces?view=${made.view}` }],
  "/traces/$id": [
    { at: `/traces/${made.trace}` }, ...tabs(`/traces/${made.trace}`, "metadata", "scores", "comments"), ...["content", "metadata", "scores", "comments"].map((tab) => ({ at: `/traces/${made.trace}?obs=${made.step}&tab=${tab}` })),
    { at: `/traces/${made.trace}?obs=${made.tool}` }, { at: `/traces/${made.trace}?view=timeline` }, { at: `/traces/${made.trace}?view=graph` }, { at: `/traces/${made.otlp}` }, { at: `/traces/${made.otlp}?tab=metadata` },
  ],
  "/shared/$token": [{ at: `/shared/${made.share}` }, { at: `/shared/${made.share}?obs=${made.step}` }],
  "/sessions": [{ at: "/sessions" }],
  "/sessions/$id": [{ at: `/sessions/${e(made.session ?? "")}` }, ...tabs(`/sessions/${e(made.session ?? "")}`, "scores", "comments")],
  "/users": [{ at: "/users" }],
  "/users/$id": [{ at: `/users/${e(made.person ?? "")}` }, ...tabs(`/users/${e(made.person ?? "")}`, "traces", "sessions")],
  "/console": [{ at: `/console?run=${made.run}` }, { at: `/console?run=${made.run}&view=raw` }],
  "/analytics": [{ at: "/analytics?by=name" }, { at: "/analytics?tab=explore&dimension=name&time=" }],
  "/evaluation-rules": [{ at: "/evaluation-rules" }],
  "/evaluation-rules/new": [{ at: "/evaluation-rules/new" }],
  "/evaluation-rules/$id": [{ at: `/evaluation-rules/${made.rule}` }, ...tabs(`/evaluation-rules/${made.rule}`, "settings")],
  "/alerts": [{ at: "/alerts" }],
  "/alerts/new": [{ at: "/alerts/new" }],
  "/alerts/$id": [{ at: `/alerts/${made.alert}` }, ...tabs(`/alerts/${made.alert}`, "settings")],
  "/agents": [{ at: "/agents" }],
  "/agents/new": [{ at: "/agents/new" }],
  "/agents/$id": [{ at: `/agents/${made.agent}` }, ...tabs(`/agents/${made.agent}`, "try", "versions")],
  "/models": [{ at: "/models" }],
  "/models/new": [{ at: "/models/new" }],
  "/models/$id": [{ at: `/models/${made.model}` }, ...tabs(`/models/${made.model}`, "try")],
  "/personas": [{ at: "/personas" }],
  "/personas/new": [{ at: "/personas/new" }],
  "/personas/$id": [{ at: `/personas/${made.persona}` }],
  "/prompts": [{ at: "/prompts" }],
  "/prompts/new": [{ at: "/prompts/new" }],
  "/prompts/$id": [{ at: `/prompts/${made.prompt}` }, ...tabs(`/prompts/${made.prompt}`, "fill"), { at: `/prompts/${made.prompt}?tab=versions&version=2&against=1` }],
  "/knowledge": [{ at: "/knowledge" }],
  "/knowledge/new": [{ at: "/knowledge/new" }],
  "/knowledge/$id": [{ at: `/knowledge/${made.base}` }, { at: `/knowledge/${made.base}?document=${made.document}` }, ...tabs(`/knowledge/${made.base}`, "settings")],
  "/programs": [{ at: "/programs" }],
  "/programs/new": [{ at: "/programs/new" }],
  "/programs/$id": [{ at: `/programs/${made.program}` }],
  "/secrets": [{ at: "/secrets" }],
  "/secrets/new": [{ at: "/secrets/new" }],
  "/secrets/$id": [{ at: `/secrets/${made.secret}` }],
  "/settings/workspace": [{ at: "/settings/workspace" }],
  "/settings/team": [{ at: "/settings/team" }, ...tabs("/settings/team", "invitations", "roles")],
  "/settings/keys": [{ at: "/settings/keys" }, ...tabs("/settings/keys", "accounts")],
  "/settings/ingestion": [{ at: "/settings/ingestion" }],
  "/settings/destinations": [{ at: "/settings/destinations" }, { at: `/settings/destinations?edit=${made.destination}` }],
  "/settings/audit": [{ at: "/settings/audit" }],
});
