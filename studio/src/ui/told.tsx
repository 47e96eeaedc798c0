/** A sentence of the API's descriptions, in which code stands between backticks. */
export function Told({ text }: { text: string }) {
  const parts = text.split("`");
  // One that is never closed is a character like any other.
  if (parts.length % 2 === 0) return text;
  return parts.map((part, at) => (at % 2 === 1 ? <code key={at} className="font-mono text-[0.92em]">{part}</code> : part));
}
