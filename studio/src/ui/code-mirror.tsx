import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { markdown } from "@codemirror/lang-markdown";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter } from "@codemirror/lint";
import { searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers, placeholder as placeholderOf } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";

/** What an editor takes. */
export interface CodeMirrorProps {
  value: string;
  onChange?(value: string): void;
  language?: "json" | "markdown" | "text";
  /** What it is, for screen readers. */
  label: string;
  readOnly?: boolean;
  placeholder?: string;
  /** Pixels; without it the editor grows with its text. */
  height?: number;
  id?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: boolean;
}

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.heading], color: "var(--accent)" },
  { tag: [tags.string, tags.link], color: "var(--copper)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--info)" },
  { tag: [tags.comment, tags.quote], color: "var(--muted)", fontStyle: "italic" },
  { tag: tags.strong, fontWeight: "600" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

const look = (height: number | undefined) => EditorView.theme({
  "&": { fontSize: "12.5px", backgroundColor: "transparent", color: "var(--ink)", height: height ? `${height}px` : "auto", minHeight: "64px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.55", overflow: "auto" },
  ".cm-gutters": { backgroundColor: "transparent", border: "none", color: "var(--muted)" },
  ".cm-content": { caretColor: "var(--accent)", padding: "6px 0" },
  ".cm-cursor": { borderLeftColor: "var(--accent)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 24%, transparent) !important" },
  ".cm-panels": { backgroundColor: "var(--surface)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", border: "1px solid var(--line)", color: "var(--ink)" },
});

const LANGUAGES: Record<NonNullable<CodeMirrorProps["language"]>, () => Extension> = {
  json: () => [json(), linter((view) => (view.state.doc.length === 0 ? [] : jsonParseLinter()(view)))],
  markdown: () => markdown(),
  text: () => [],
};

/**
 * The editor lives in a shadow root: there its styles are adopted style sheets, where in the page they would be `<style>`
 * elements, which the policy forbids.
 */
export default function CodeMirror({ value, onChange, language = "text", label, readOnly, placeholder, height, ...control }: CodeMirrorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(onChange);
  latest.current = onChange;

  useEffect(() => {
    if (!host.current) return;
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: "open" });
    const parent = root.appendChild(document.createElement("div"));
    const editor = new EditorView({
      parent,
      root,
      state: EditorState.create({
        doc: value,
        extensions: [
          lineNumbers(), foldGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(),
          syntaxHighlighting(colours), look(height), EditorView.lineWrapping,
          LANGUAGES[language](),
          // Tab goes to the next field, as everywhere: an editor that kept it would be a trap for who has no mouse.
          keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap]),
          EditorView.contentAttributes.of({ "aria-label": label }),
          EditorState.readOnly.of(readOnly ?? false),
          ...(placeholder ? [placeholderOf(placeholder)] : []),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      parent.remove();
    };
    // The text alone changes without a new editor, below.
  }, [language, label, readOnly, placeholder, height]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={host} {...control} className="control overflow-hidden focus-within:border-accent" />;
}
