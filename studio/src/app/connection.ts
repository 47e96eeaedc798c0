import { useSyncExternalStore } from "react";

const POLL_MS = 3000;
let lost = false;
const listeners = new Set<() => void>();
const backs = new Set<() => void>();
const change = (value: boolean) => {
  lost = value;
  for (const listener of listeners) listener();
};

/** Whether the platform lives; this needs no credentials. Under plain Spin only Spin's own address answers. */
async function lives(): Promise<boolean> {
  for (const path of ["/healthz", "/.well-known/spin/health"]) {
    const response = await fetch(path, { cache: "no-store" });
    if (response.status !== 404) return response.ok;
  }
  return false;
}

async function poll(): Promise<void> {
  const well = await lives().catch(() => false);
  if (!well) {
    setTimeout(() => void poll(), POLL_MS);
    return;
  }
  change(false);
  for (const back of backs) back();
}

/** Whether the platform answers. A request that got no answer says it does not; from then on it is asked until it does. */
export const connection = {
  lost() {
    if (lost) return;
    change(true);
    setTimeout(() => void poll(), POLL_MS);
  },
  onBack: (listener: () => void) => backs.add(listener),
  useLost: () =>
    useSyncExternalStore((listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }, () => lost),
};
