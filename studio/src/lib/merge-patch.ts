/** The JSON merge patch (RFC 7396) that makes `after` of `before`: what is gone is null, lists are replaced as a whole. */
export function mergePatch(before: unknown, after: unknown): Record<string, unknown> {
  const [was, is] = [recordOf(before) ?? {}, recordOf(after) ?? {}];
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const [one, other] = [was[key], is[key]];
    if (JSON.stringify(one) === JSON.stringify(other)) continue;
    patch[key] = other === undefined ? null : recordOf(one) && recordOf(other) ? mergePatch(one, other) : other;
  }
  return patch;
}

const recordOf = (value: unknown): Record<string, unknown> | null =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
