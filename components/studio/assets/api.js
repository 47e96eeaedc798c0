// The HTTP API: credentials of this tab, requests, and errors as problem documents.

const KEY = "assay.credentials";

/** A failed request; `status` is 0 when there was no answer. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

export const credentials = {
  get: () => sessionStorage.getItem(KEY),
  set: (publicKey, secretKey) => sessionStorage.setItem(KEY, encode(`${publicKey}:${secretKey}`)),
  clear: () => sessionStorage.removeItem(KEY),
};

const WORKSPACE = "assay.workspace";

/** Which of a person's workspaces this tab looks at; null for the one that the session begins in. */
export const workspace = {
  get: () => sessionStorage.getItem(WORKSPACE),
  set: (id) => sessionStorage.setItem(WORKSPACE, id),
  clear: () => sessionStorage.removeItem(WORKSPACE),
};

/** Headers that say who asks: a key pair of this tab, or else the browser's session, whose cookie goes by itself. */
function asker() {
  const token = credentials.get();
  if (token) return { authorization: `Basic ${token}` };
  const chosen = workspace.get();
  return chosen ? { "x-assay-workspace": chosen } : {};
}

/** The token that proves that a page of ours makes a request; other sites cannot read the cookie that it is in. */
const csrf = () => document.cookie.match(/(?:^|;\s*)(?:__Host-)?assay_csrf=([^;]+)/)?.[1] ?? "";

async function problem(response) {
  const type = response.headers.get("content-type") ?? "";
  if (/\bjson\b|\+json/.test(type)) {
    try {
      const body = await response.json();
      const text = [body.title, body.detail].filter((part) => typeof part === "string" && part).join(": ");
      if (text) return text;
    } catch {
      // Not the JSON it said it was: the status alone must do.
    }
  }
  return `The server answered ${response.status} ${response.statusText}`.trim();
}

/** GETs a JSON document. */
export async function get(path, signal) {
  let response;
  try {
    response = await fetch(path, { signal, cache: "no-store", headers: { accept: "application/json", ...asker() } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "The platform cannot be reached.");
  }
  if (!response.ok) throw new ApiError(response.status, await problem(response));
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(response.status, "The server's answer is not JSON.");
  }
}

/** POSTs a JSON document; what comes back, or null for nothing. */
export async function post(path, body) {
  const headers = { accept: "application/json", "x-csrf-token": csrf(), ...asker() };
  const text = body === undefined ? undefined : JSON.stringify(body);
  if (text !== undefined) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method: "POST", cache: "no-store", headers, body: text });
  } catch {
    throw new ApiError(0, "The platform cannot be reached.");
  }
  if (!response.ok) throw new ApiError(response.status, await problem(response));
  return response.status === 204 ? null : response.json();
}

/** The person whose session the browser holds; null when there is none. */
export async function person() {
  if (!csrf()) return null;
  try {
    const me = await get("/api/v1/me");
    return me.user ? me : null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404 && workspace.get()) {
      // Not a member there any more.
      workspace.clear();
      return person();
    }
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** GETs all pages of a list, up to `most` rows. */
export async function getAll(path, signal, most = 2000) {
  const rows = [];
  let cursor = null;
  do {
    const join = path.includes("?") ? "&" : "?";
    const page = await get(cursor ? `${path}${join}cursor=${encodeURIComponent(cursor)}` : path, signal);
    rows.push(...(Array.isArray(page.data) ? page.data : []));
    cursor = page.next_cursor ?? null;
  } while (cursor && rows.length < most);
  return { rows, more: cursor !== null };
}

/** Whether the platform lives; this needs no credentials. Under plain Spin only Spin's own address answers. */
export async function health() {
  for (const path of ["/healthz", "/.well-known/spin/health"]) {
    const response = await fetch(path, { cache: "no-store" });
    if (response.status !== 404) return response.ok;
  }
  return false;
}
