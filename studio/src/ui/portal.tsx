import { createContext, useContext } from "react";

/**
 * Where menus and tips are put. A modal dialog makes the rest of the page inert, so what opens inside one must live in it.
 */
export const PortalContainer = createContext<HTMLElement | null>(null);

/** The container for a portal: the dialog around, or the page. */
export const usePortal = () => useContext(PortalContainer) ?? undefined;
