import type { Content, Sent } from "./types";

/** A conversation as a case of a dataset: the user's last word is what is asked, what was said before stands before it. */
export function caseOf(messages: readonly Sent[]): { input: Content; history: Sent[] } {
  const last = messages.findLastIndex((message) => message.role === "user");
  return last < 0 ? { input: "", history: [...messages] } : { input: messages[last]?.content ?? "", history: messages.slice(0, last) };
}
