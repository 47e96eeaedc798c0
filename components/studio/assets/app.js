// Routes by hash, signs in, polls while something goes on.

import { ApiError, credentials, get, health, person, post, workspace } from "./api.js";
import { campaign, campaigns } from "./campaigns.js";
import { el, failure, skeleton } from "./dom.js";
import { invitation, joining, providers, workspaces } from "./people.js";
import { trace } from "./traces.js";

const POLL_MS = 2000;
const HEALTH_MS = 15000;
const main = document.getElementById("main");
const signOut = document.getElementById("sign-out");
let current = null;
let timer = 0;
/** The person who is signed in; null for who shows a key pair, or nothing. */
let me = null;

function route() {
  const [, kind, id] = location.hash.match(/^#\/(campaigns|traces)\/([^/]+)$/) ?? [];
  if (!kind) return { view: campaigns, id: null, key: "home" };
  let decoded = id;
  try {
    decoded = decodeURIComponent(id);
  } catch {
    // A stray percent sign: taken as it is.
  }
  return { view: kind === "traces" ? trace : campaign, id: decoded, key: `${kind}/${decoded}` };
}

function announce(text) {
  document.getElementById("announce").textContent = text;
}

/** What tells a focusable element from its neighbours, when a poll has built it anew. */
const identity = (node) => node?.getAttribute("href") ?? node?.parentElement?.dataset.key ?? null;

function show(node) {
  // When a poll replaces the page, what a person has opened stays open, and focus and scrolling stay where they were.
  const active = document.activeElement;
  const focused = active !== main && main.contains(active) ? identity(active) : null;
  const open = new Set([...main.querySelectorAll("details[open][data-key]")].map((d) => d.dataset.key));
  const top = window.scrollY;
  main.replaceChildren(node);
  for (const detail of main.querySelectorAll("details[data-key]")) {
    if (open.has(detail.dataset.key)) detail.open = true;
  }
  if (focused) {
    const again = [...main.querySelectorAll("a[href], summary")].find((n) => identity(n) === focused);
    again?.focus({ preventScroll: true });
  }
  window.scrollTo(0, top);
}

function stop() {
  clearTimeout(timer);
  current?.abort();
  current = null;
}

async function load(fresh) {
  stop();
  if (!credentials.get() && !me) {
    try {
      me = await person();
    } catch (error) {
      return show(failure(error.message, () => load(true)));
    }
    if (!me) return signIn();
    signedIn();
  }
  const token = invitation();
  if (token !== null && me) {
    document.title = "Invitation – Assay Studio";
    signOut.hidden = false;
    return show(joining(token, me));
  }
  const controller = new AbortController();
  current = controller;
  signOut.hidden = false;
  const { view, id } = route();
  if (fresh) {
    show(skeleton());
    window.scrollTo(0, 0);
  }
  try {
    const { title, node, live } = await view(id, controller.signal);
    if (controller.signal.aborted) return;
    document.title = `${title} – Assay Studio`;
    // A poll must not take away text that is being selected.
    if (fresh || String(getSelection()) === "") show(node);
    if (fresh) {
      main.focus({ preventScroll: true });
      announce(`${title} loaded`);
    }
    document.getElementById("updated").textContent = `Updated ${new Date().toLocaleTimeString()}`;
    if (live) timer = setTimeout(() => load(false), POLL_MS);
  } catch (error) {
    if (controller.signal.aborted || error.name === "AbortError") return;
    if (error instanceof ApiError && (error.status === 401 || (error.status === 403 && !me))) {
      const ended = me ? "Your session has ended. Sign in again." : "These keys are not accepted. Check both and try again.";
      forget();
      return signIn(error.status === 403 ? error.message : ended);
    }
    const message = error instanceof ApiError ? error.message : "The page met data that it does not understand.";
    if (!(error instanceof ApiError)) console.error(error);
    if (fresh) show(failure(message, () => load(true)));
    else timer = setTimeout(() => load(false), POLL_MS * 3);
  }
}

/** Shows who is signed in. */
function signedIn() {
  signOut.title = me.user.email ?? me.user.name;
  const choice = workspaces(me, () => {
    me = null;
    load(true);
  });
  document.getElementById("workspace").replaceChildren(...(choice ? [choice] : []));
}

function forget() {
  credentials.clear();
  workspace.clear();
  me = null;
  signOut.removeAttribute("title");
  document.getElementById("workspace").replaceChildren();
}

function field(id, label, type, hint) {
  return el("div", { class: "field" }, el("label", { for: id }, label),
    el("input", { id, name: id, type, required: true, autocomplete: "off", autocapitalize: "off", spellcheck: "false",
      placeholder: hint }));
}

function signIn(message) {
  signOut.hidden = true;
  document.title = "Sign in – Assay Studio";
  document.getElementById("updated").textContent = "";
  const notice = el("p", { class: "notice bad", role: "alert", id: "sign-in-error", hidden: !message }, message ?? "");
  const button = el("button", { class: "button", type: "submit" }, "Sign in");
  const form = el("form", { class: "card pad form" }, el("h1", {}, "Sign in"),
    el("p", { class: "sub" }, "Use an API key pair of your workspace. It is kept in this browser tab only."),
    field("public-key", "Public key", "text", "pk-…"), field("secret-key", "Secret key", "password", "sk-…"),
    notice, button);
  const ways = el("div", { class: "ways" });
  form.append(ways);
  // Keys will do where this cannot be told.
  providers().then((all) => ways.replaceChildren(...all)).catch(() => {});
  const inputs = [...form.querySelectorAll("input")];
  const fail = (text) => {
    notice.textContent = text;
    notice.hidden = false;
    for (const input of inputs) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", "sign-in-error");
    }
    button.disabled = false;
    inputs[0].focus();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    credentials.set(inputs[0].value.trim(), inputs[1].value.trim());
    try {
      await get("/api/v1/campaigns?limit=1");
      load(true);
    } catch (error) {
      credentials.clear();
      fail(error.status === 401 ? "These keys are not accepted. Check both and try again." : error.message);
    }
  });
  show(form);
  inputs[0].focus();
}

async function checkHealth() {
  const pill = document.getElementById("health");
  const well = await health().catch(() => false);
  pill.className = `pill ${well ? "good" : "bad"}`;
  const text = well ? "Platform healthy" : "Platform unreachable";
  if (pill.lastElementChild.textContent !== text) pill.lastElementChild.textContent = text;
  setTimeout(checkHealth, HEALTH_MS);
}

signOut.addEventListener("click", async () => {
  stop();
  try {
    if (me) await post("/api/v1/auth/sign-out");
  } catch (error) {
    if (error.status !== 401) return show(failure(error.message, () => signOut.click()));
  }
  forget();
  signIn();
});
window.addEventListener("hashchange", () => load(true));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else if (credentials.get() || me) load(false);
});
checkHealth();
load(true);
