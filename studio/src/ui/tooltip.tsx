import { Tooltip as Radix } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { usePortal } from "./portal";

/** Says more about an element that takes focus. It repeats or adds; nothing may be found here alone. */
export function Tooltip({ text, children, side = "top" }: { text: ReactNode; children: ReactElement; side?: "top" | "right" | "bottom" | "left" }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal container={usePortal()}>
        <Radix.Content side={side} sideOffset={6} collisionPadding={8} className="z-50 max-w-72 animate-rise rounded-md bg-ink px-2 py-1 text-xs text-canvas shadow-pop">
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Above all tooltips: the second one opens at once. */
export const TooltipProvider = ({ children }: { children: ReactNode }) => <Radix.Provider delayDuration={350}>{children}</Radix.Provider>;
