import type { components } from "@openapi";

/** A problem document (RFC 9457). */
export type Problem = components["schemas"]["Problem"];

/** A request that failed; `status` is 0 when there was no answer. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  /** The problem's type, `urn:assay:problem:...`; empty when the answer was no problem document. */
  readonly type: string;
  readonly title: string;
  readonly requestId: string | null;
  /** What is wrong with fields, by JSON pointer. Two complaints on one field are joined. */
  readonly fields: ReadonlyMap<string, string>;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail || problem.title || "");
    this.status = status;
    this.type = problem.type ?? "";
    this.title = problem.title ?? "";
    this.requestId = problem.request_id ?? null;
    const fields = new Map<string, string>();
    for (const { field, message } of problem.errors ?? []) {
      const before = fields.get(field);
      fields.set(field, before ? `${before}; ${message}` : message);
    }
    this.fields = fields;
  }

  /** Whether nothing answered. */
  get isOffline() {
    return this.status === 0;
  }
}

/** The error of an answer that is not a success. */
export async function errorOf(response: Response): Promise<ApiError> {
  const type = response.headers.get("content-type") ?? "";
  if (/[/+]json\b/.test(type)) {
    try {
      return new ApiError(response.status, (await response.json()) as Partial<Problem>);
    } catch {
      // Not the JSON that it said it was: the status alone must do.
    }
  }
  return new ApiError(response.status, { title: `HTTP ${response.status} ${response.statusText}`.trim() });
}

/** Whether the caller's session or key pair is not accepted any more. */
export const isSignedOut = (error: unknown) => error instanceof ApiError && error.status === 401;
