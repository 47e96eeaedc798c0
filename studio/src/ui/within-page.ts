import { createContext } from "react";

/** Whether there is a page around, with a heading of its own. */
export const WithinPage = createContext(false);
