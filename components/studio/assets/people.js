// People: signing in with a provider, choosing a workspace, accepting an invitation.

import { ApiError, get, post, workspace } from "./api.js";
import { el } from "./dom.js";

const INVITATION = "assay.invitation";
const PAGE = "/invitation";

/**
 * The token of the invitation that this tab was opened with. It comes behind `#`, which no server sees, and is kept in the
 * tab while its person signs in.
 */
export function invitation() {
  if (location.pathname !== PAGE) return null;
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    sessionStorage.setItem(INVITATION, token);
    history.replaceState(null, "", PAGE);
  }
  return sessionStorage.getItem(INVITATION) ?? "";
}

/** A button for each identity provider; nothing where there is none. */
export async function providers() {
  const { data } = await get("/api/v1/auth/providers");
  const back = encodeURIComponent(location.pathname === PAGE ? PAGE : "/");
  return data.map((provider) =>
    el("a", { class: "button wide", href: `${provider.sign_in_url}?return_to=${back}` }, `Sign in with ${provider.name}`));
}

/** The choice of a workspace; null for who is in one only. */
export function workspaces(me, changed) {
  const all = me?.memberships ?? [];
  if (all.length < 2) return null;
  const select = el("select", { "aria-label": "Workspace", class: "choice" },
    all.map((m) => el("option", { value: m.workspace.id, selected: m.workspace.id === me.workspace.id }, m.workspace.name)));
  select.addEventListener("change", () => {
    workspace.set(select.value);
    changed();
  });
  return select;
}

/** The page of an invitation, for one who is signed in. */
export function joining(token, me) {
  if (!token) {
    return el("div", { class: "card empty" }, el("h1", {}, "No invitation"),
      el("p", {}, "Open the whole link of your invitation again."), el("a", { href: "/" }, "To the campaigns"));
  }
  const notice = el("p", { class: "notice bad", role: "alert", hidden: true });
  const button = el("button", { class: "button", type: "submit" }, "Join");
  const form = el("form", { class: "card pad form" }, el("h1", {}, "You are invited"),
    el("p", { class: "sub" }, `You are signed in as ${me.user.email ?? me.user.name}. Join the workspace?`), notice, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      const joined = await post("/api/v1/invitations/accept", { token });
      sessionStorage.removeItem(INVITATION);
      workspace.set(joined.workspace.id);
      location.assign("/");
    } catch (error) {
      notice.textContent = error instanceof ApiError ? error.message : "The page met data that it does not understand.";
      notice.hidden = false;
      button.disabled = false;
    }
  });
  return form;
}
