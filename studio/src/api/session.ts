/** Who asks: a key pair that is kept in this tab, or the browser's session, whose cookie goes by itself. */

const KEY = "assay.credentials";
const WORKSPACE = "assay.workspace";

const encode = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** The key pair of this tab, as HTTP Basic has it. It goes with the tab. */
export const keyPair = {
  get: () => sessionStorage.getItem(KEY),
  set: (publicKey: string, secretKey: string) => sessionStorage.setItem(KEY, encode(`${publicKey}:${secretKey}`)),
  clear: () => sessionStorage.removeItem(KEY),
};

/** Which of a person's workspaces this tab looks at; null for the one that the session begins in. */
export const workspace = {
  get: () => sessionStorage.getItem(WORKSPACE),
  set: (id: string) => sessionStorage.setItem(WORKSPACE, id),
  clear: () => sessionStorage.removeItem(WORKSPACE),
};

/** The token that proves that a page of ours makes a request; other sites cannot read the cookie that it is in. */
export const csrfToken = () => /(?:^|;\s*)(?:__Host-)?assay_csrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";

/** Whether there is anything to sign a request with. */
export const mayBeSignedIn = () => keyPair.get() !== null || csrfToken() !== "";

/** Headers that say who asks. */
export function asker(method: string): Record<string, string> {
  const token = keyPair.get();
  if (token) return { authorization: `Basic ${token}` };
  const headers: Record<string, string> = {};
  const chosen = workspace.get();
  if (chosen) headers["x-assay-workspace"] = chosen;
  if (method !== "GET" && method !== "HEAD") headers["x-csrf-token"] = csrfToken();
  return headers;
}
