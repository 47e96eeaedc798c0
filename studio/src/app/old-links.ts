// The page behind a link of the days when pages were named behind `#`: `/#/traces/1` is `/traces/1`. It must be imported
// before the router, which reads the address as it is made.
if (location.pathname === "/" && location.hash.startsWith("#/")) history.replaceState(null, "", location.hash.slice(1));

export {};
