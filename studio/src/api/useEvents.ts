import { useEffect, useRef, useState } from "react";
import { type Followed, follow } from "./events";

/** Follows a stream while the component is there; null follows none. */
export function useEvents(path: string | null, followed: Followed): "live" | "waiting" | "ended" {
  const [state, setState] = useState<"live" | "waiting" | "ended">("waiting");
  const latest = useRef(followed);
  latest.current = followed;
  useEffect(() => {
    if (!path) return;
    setState("waiting");
    return follow(path, {
      ...latest.current,
      onEvent: (event) => latest.current.onEvent(event),
      isLast: (event) => latest.current.isLast?.(event) ?? false,
      onError: (error) => latest.current.onError?.(error),
      onState: setState,
      onEnd: () => {
        setState("ended");
        latest.current.onEnd?.();
      },
    });
  }, [path]);
  return state;
}
