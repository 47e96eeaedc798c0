import { createContext, type ReactElement, type ReactNode, cloneElement, useContext, useId } from "react";
import { cx } from "@/lib/cx";
import { Told } from "./told";

/** What is wrong with the fields of a form, by JSON pointer: what `ApiError.fields` is. */
export const FieldErrors = createContext<ReadonlyMap<string, string>>(new Map());

interface ControlProps {
  id?: string;
  "aria-describedby"?: string | undefined;
  "aria-invalid"?: boolean | undefined;
  "aria-required"?: boolean | undefined;
}

/**
 * A label, a control, a hint, and what the server says is wrong with it. `pointer` is where the value stands in the document
 * that is sent, `/auth/name` say; complaints about what lies below it are shown here too.
 */
export function Field({ label, pointer, hint, required, children, className }: {
  label: ReactNode;
  pointer?: string;
  hint?: ReactNode;
  required?: boolean;
  children: ReactElement<ControlProps>;
  className?: string;
}) {
  const id = useId();
  const error = useFieldError(pointer);
  const described = [hint ? `${id}-hint` : null, error ? `${id}-error` : null].filter(Boolean).join(" ");
  return (
    <div className={cx("grid content-start gap-1", className)} data-pointer={pointer}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {required && <span aria-hidden className="text-copper"> *</span>}
      </label>
      {cloneElement(children, {
        id,
        "aria-describedby": described || undefined,
        "aria-invalid": error ? true : undefined,
        "aria-required": required || undefined,
      })}
      {hint && <p id={`${id}-hint`} className="text-xs text-muted">{typeof hint === "string" ? <Told text={hint} /> : hint}</p>}
      {error && <p id={`${id}-error`} role="alert" className="text-xs font-medium text-bad">{error}</p>}
    </div>
  );
}

/** What is wrong at a pointer or below it. */
export function useFieldError(pointer: string | undefined): string | undefined {
  const errors = useContext(FieldErrors);
  if (pointer === undefined) return undefined;
  const found = [...errors].filter(([at]) => at === pointer || at.startsWith(`${pointer}/`));
  return found.length === 0 ? undefined : found.map(([at, text]) => (at === pointer ? text : `${at.slice(pointer.length + 1)}: ${text}`)).join("; ");
}
