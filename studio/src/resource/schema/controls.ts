import { type ComponentType, createContext } from "react";
import type { SchemaControlProps } from "./Group";

/**
 * Controls for values that a schema cannot say enough of, by the name of their property: a `model_id` is a text to the schema,
 * and one of the workspace's models to a person.
 */
export const SchemaControls = createContext<Readonly<Record<string, ComponentType<SchemaControlProps>>>>({});
