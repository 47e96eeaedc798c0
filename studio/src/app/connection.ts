import { useSyncExternalStore } from "react";

const POLL_MS = 3000;
let lost = false;
let timer: ReturnType<typeof setTimeout> | undefined;
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

const alive = () => lives().catch(() => false);

async function poll(): Promise<void> {
  clearTimeout(timer);
  if (!(await alive())) {
    clearTimeout(timer);
    timer = setTimeout(() => void poll(), POLL_MS);
    return;
  }
  if (!lost) return;
  change(false);
  for (const back of backs) back();
}

/** Whether the platform answers. A request that got no answer says it does not; from then on it is asked until it does. */
export const connection = {
  lost() {
    if (lost) return;
    change(true);
    timer = setTimeout(() => void poll(), POLL_MS);
  },
  /** Asks whether it answers; from a `false` on it is asked until it does. */
  async check(): Promise<boolean> {
    const well = await alive();
    if (!well) connection.lost();
    return well;
  },
  /** Tells when it answers again; what is given back ends that. */
  onBack(listener: () => void): () => void {
    backs.add(listener);
    return () => void backs.delete(listener);
  },
  useLost: () =>
    useSyncExternalStore((listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }, () => lost),
};

// The browser may be wrong about a platform on the same machine, so that what it says is only a reason to ask.
addEventListener("offline", () => void connection.check());
addEventListener("online", () => {
  if (lost) void poll();
});
