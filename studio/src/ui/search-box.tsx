import { useEffect, useRef, useState } from "react";
import { SearchInput } from "./input";

/** Long enough to type the next letter, short enough not to be waited for. */
const PAUSE_MS = 200;

/** A field to search by that asks when a person pauses, not at every letter. */
export function SearchBox({ label, value, onChange, className }: { label: string; value: string; onChange(value: string): void; className?: string }) {
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(onChange);
  latest.current = onChange;
  // Back and links change the value from outside.
  useEffect(() => setTyped(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const ask = (text: string, pause: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(text), pause);
  };
  return (
    <SearchInput
      label={label}
      className={className}
      value={typed}
      onChange={(event) => {
        setTyped(event.target.value);
        ask(event.target.value, PAUSE_MS);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") ask(typed, 0);
      }}
    />
  );
}
