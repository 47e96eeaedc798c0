import { useLayoutEffect, useRef } from "react";
import type { Place } from "./navigate";

/** The text of a cell while it is edited: over the cell, and as large as the text needs. */
export function CellEditor({ label, initial, height, onCommit, onCancel }: {
  label: string;
  initial: string;
  height: number;
  onCommit(text: string, step: Place | null): void;
  onCancel(): void;
}) {
  const ref = useRef<HTMLTextAreaElement>(null);
  // What ends the editing also takes the focus away: that must not end it a second time.
  const ended = useRef(false);
  useLayoutEffect(() => {
    const area = ref.current;
    area?.focus({ preventScroll: true });
    area?.setSelectionRange(area.value.length, area.value.length);
  }, []);
  const end = (step: Place | null) => {
    if (ended.current) return;
    ended.current = true;
    onCommit(ref.current?.value ?? "", step);
  };
  return (
    <textarea
      ref={ref}
      aria-label={label}
      defaultValue={initial}
      spellCheck={false}
      onBlur={() => end(null)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        event.stopPropagation();
        if (event.key === "Escape") {
          event.preventDefault();
          ended.current = true;
          onCancel();
        } else if (event.key === "Enter" && (event.altKey || event.shiftKey)) {
          event.preventDefault();
          document.execCommand("insertText", false, "\n");
        } else if (event.key === "Enter") {
          event.preventDefault();
          end({ row: 1, column: 0 });
        } else if (event.key === "Tab") {
          event.preventDefault();
          end({ row: 0, column: event.shiftKey ? -1 : 1 });
        }
      }}
      className="field-sizing-content absolute -top-px -left-px z-30 max-h-72 w-[calc(100%+2px)] max-w-[40rem] min-w-[calc(100%+2px)] resize-none rounded-sm border-2 border-accent bg-raised px-1.5 py-1 text-sm shadow-pop outline-none select-text"
      style={{ minHeight: height + 2 }}
    />
  );
}
