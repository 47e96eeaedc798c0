import { useSyncExternalStore } from "react";

/** Below this width panels cannot stand side by side. */
const NARROW = "(max-width: 1023px)";

const listen = (changed: () => void) => {
  const query = matchMedia(NARROW);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
};

/** Whether the screen is narrow. */
export const useNarrow = () => useSyncExternalStore(listen, () => matchMedia(NARROW).matches);
