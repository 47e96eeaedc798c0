import { createContext, useContext } from "react";
import { valueAt, withValue } from "@/lib/pointer";
import { NEW, type Spec } from "./spec";

/** The document that the steps write. */
export interface SpecForm {
  value: Spec;
  get(pointer: string): unknown;
  text(pointer: string): string;
  set(pointer: string, value: unknown): void;
}

/** A form over a specification that is kept elsewhere. */
export const formOver = (value: Spec, change: (next: (before: Spec) => Spec) => void): SpecForm => ({
  value,
  get: (pointer) => valueAt(value, pointer),
  text(pointer) {
    const found = valueAt(value, pointer);
    return found === undefined || found === null ? "" : String(found);
  },
  set: (pointer, next) => change((before) => withValue(before, pointer, next)),
});

/** The form of the steps. */
export const FormContext = createContext<SpecForm>(formOver(NEW, () => {}));
/** The form that the steps share. */
export const useForm = () => useContext(FormContext);
