import { lazy, Suspense } from "react";
import type { CodeMirrorProps } from "./code-mirror";

const CodeMirror = lazy(() => import("./code-mirror"));

/** An editor of JSON, Markdown or plain text. It is loaded when the first one is shown. */
export const CodeEditor = (props: CodeMirrorProps) => (
  <Suspense fallback={<div className="control animate-pulse" style={{ height: props.height ?? 160 }} />}>
    <CodeMirror {...props} />
  </Suspense>
);
