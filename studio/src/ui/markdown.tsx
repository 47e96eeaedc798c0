import { lazy, Suspense } from "react";

const Rendered = lazy(() => import("./markdown-rendered"));

/** Markdown that people or models wrote. HTML in it stays text; while the renderer is loaded, so does all of it. */
export const Markdown = ({ text }: { text: string }) => (
  <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
    <Rendered text={text} />
  </Suspense>
);
