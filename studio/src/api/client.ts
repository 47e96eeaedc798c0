import createClient from "openapi-fetch";
import type { components, paths } from "@openapi";
import { ApiError, errorOf } from "./error";
import { translate } from "@/i18n";
import { uiTexts } from "@/ui/i18n";
import { asker } from "./session";

/** Types of the API by their names in the OpenAPI document. */
export type Schemas = components["schemas"];
/** What a client writes: the generated types hold every field with a default for required, which a request is free to leave out. */
export type Written<S, Needed extends keyof S> = Pick<S, Needed> & Partial<S>;
/** What `GET /api/v1/me` may list. */
export type Permission = Schemas["Me"]["permissions"][number];

let failed = (_: ApiError) => {};
/** Tells of every request that failed, whoever asked. */
export const onFailed = (handler: (error: ApiError) => void) => {
  failed = handler;
};
const told = (error: ApiError) => {
  failed(error);
  return error;
};

/** `fetch` with the caller's credentials. Whatever is not a success is thrown as an {@link ApiError}. */
async function send(request: Request): Promise<Response> {
  for (const [name, value] of Object.entries(asker(request.method))) request.headers.set(name, value);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw told(new ApiError(0, { detail: translate(uiTexts)("offlineTitle") }));
  }
  if (!response.ok) throw told(await errorOf(response));
  return response;
}

/** The typed client: `unwrap(api.GET("/api/v1/me"))`. Prefer it wherever the path is known. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: send,
  cache: "no-store",
  headers: { accept: "application/json" },
});

/** The body of an answer of {@link api}, whose failures have been thrown already. */
export async function unwrap<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

/** Parameters of a query; empty ones are left out. */
export type Query = Record<string, string | number | boolean | null | undefined>;

/** What {@link request} may send. */
export interface Sent {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** An answer with the version that `If-Match` asks for. */
export interface Answer<T> {
  data: T;
  etag: string | null;
}

/** A path with its query. */
export function address(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

/** A request whose path is put together, as the resource kit's are. The caller says what comes back. */
export async function request<T>(method: string, path: string, sent: Sent = {}): Promise<Answer<T>> {
  const headers = new Headers({ accept: "application/json", ...sent.headers });
  if (sent.body !== undefined) headers.set("content-type", "application/json");
  const response = await send(
    new Request(new URL(address(path, sent.query), location.origin), {
      method,
      headers,
      cache: "no-store",
      body: sent.body === undefined ? null : JSON.stringify(sent.body),
      signal: sent.signal ?? null,
    }),
  );
  const empty = response.status === 204 || response.headers.get("content-length") === "0";
  return { data: (empty ? null : await response.json()) as T, etag: response.headers.get("etag") };
}

/** The raw answer: files, streams. What has a body is POSTed. */
export const open = (path: string, headers: Record<string, string>, signal?: AbortSignal, body?: unknown) =>
  send(
    new Request(new URL(path, location.origin), {
      method: body === undefined ? "GET" : "POST",
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      cache: "no-store",
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    }),
  );
