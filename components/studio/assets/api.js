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
  const token = credentials.get();
  let response;
  try {
    response = await fetch(path, {
      signal,
      cache: "no-store",
      headers: { accept: "application/json", ...(token ? { authorization: `Basic ${token}` } : {}) },
    });
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
