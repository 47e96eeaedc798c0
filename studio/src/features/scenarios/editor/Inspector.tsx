import { type ReactNode, useEffect, useState } from "react";
import { ArrowDown, ArrowUp, Copy, Flag, Trash2, X } from "lucide-react";
import { useBoth, useText } from "@/i18n";
import { JsonField, numberAt, textAt } from "@/resource/fields";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { describeWhen } from "../graph/describe";
import { edgeIds, type Graph, mostEdges, nodeOf, type NodeType } from "../graph/model";
import { kindOf, NODE_KINDS } from "../graph/nodes";
import { editorTexts } from "../i18n-editor";
import type { Selection } from "./Canvas";
import { NodeFields } from "./NodeFields";
import type { GraphEditor } from "./useGraphEditor";
import { WhenFields } from "./WhenFields";
import { useWords } from "./words";

/** What can be done from the inspector besides editing fields. */
export interface InspectorActions {
  select(selection: Selection): void;
  duplicate(): void;
  remove(): void;
  connect(from: string, to: string): void;
  /** A new node of a type that this one leads to. */
  addAfter(type: NodeType, id: string): void;
}

/** The fields of what is selected: a node, a way, several nodes, or the graph as a whole. */
export function Inspector({ editor, selection, actions, whole }: { editor: GraphEditor; selection: Selection; actions: InspectorActions; whole: ReactNode }) {
  const t = useText(editorTexts);
  const { graph } = editor;
  if (selection.nodes.size > 1) {
    return (
      <div className="grid gap-3">
        <h3 className="font-semibold">{t("selectedN", { n: selection.nodes.size })}</h3>
        {editor.mayWrite && <Buttons actions={actions} />}
      </div>
    );
  }
  const [id] = selection.nodes;
  const index = graph.nodes.findIndex((node) => node.id === id);
  if (index >= 0) return <NodePanel key={id} editor={editor} index={index} actions={actions} />;
  const [edge] = selection.edges;
  const at = edge === undefined ? -1 : edgeIds(graph.edges).indexOf(edge);
  if (at >= 0) return <EdgePanel key={edge} editor={editor} index={at} actions={actions} />;
  return <div className="grid gap-4">{whole}<GraphFields editor={editor} /></div>;
}

function Buttons({ actions }: { actions: InspectorActions }) {
  const t = useText(editorTexts);
  return (
    <div className="flex gap-2">
      <Button size="sm" onClick={actions.duplicate}><Copy aria-hidden />{t("duplicate")}</Button>
      <Button size="sm" variant="danger" onClick={actions.remove}><Trash2 aria-hidden />{t("remove")}</Button>
    </div>
  );
}

function NodePanel({ editor, index, actions }: { editor: GraphEditor; index: number; actions: InspectorActions }) {
  const t = useText(editorTexts);
  const both = useBoth();
  const { graph, fields } = editor;
  const node = graph.nodes[index] as Graph["nodes"][number];
  const { icon: Icon, title, text } = kindOf(node.does.type);
  const at = `/graph/nodes/${index}`;
  return (
    <div className="grid gap-4">
      <header>
        <h3 className="flex items-center gap-2 font-semibold"><Icon aria-hidden className="size-4 text-muted" />{both(title)}</h3>
        <p className="mt-0.5 text-xs text-muted">{both(text)}</p>
      </header>
      <NodeFields fields={fields} at={`${at}/does`} does={node.does} />
      <Ways editor={editor} id={node.id} type={node.does.type} actions={actions} />
      <div className="grid grid-cols-2 gap-3 border-t border-line pt-3">
        <Field label={t("label")} pointer={`${at}/label`}><Input placeholder={both(title)} {...textAt(fields, `${at}/label`, "absent")} /></Field>
        <NodeName editor={editor} id={node.id} actions={actions} />
        <Field label={t("timeout")} pointer={`${at}/timeout_ms`}><Input min={0.1} step="any" {...numberAt(fields, `${at}/timeout_ms`, 1000)} /></Field>
        <Field label={t("attempts")} pointer={`${at}/max_attempts`}><Input min={1} max={10} {...numberAt(fields, `${at}/max_attempts`)} /></Field>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {editor.mayWrite && <Buttons actions={actions} />}
        {graph.start === node.id
          ? <span className="flex items-center gap-1 text-xs text-muted"><Flag aria-hidden className="size-3 text-accent" />{t("beginsHere")}</span>
          : editor.mayWrite && <Button size="sm" variant="ghost" onClick={() => fields.set("/graph/start", node.id)}><Flag aria-hidden />{t("beginHere")}</Button>}
      </div>
    </div>
  );
}

/**
 * A node's name is changed wherever it stands, so only when it is typed to the end. What the server says of an id is said of the whole
 * node, and stands above.
 */
function NodeName({ editor, id, actions }: { editor: GraphEditor; id: string; actions: InspectorActions }) {
  const t = useText(editorTexts);
  const [typed, setTyped] = useState(id);
  useEffect(() => setTyped(id), [id]);
  const rename = () => {
    if (typed === id) return;
    if (!typed.trim() || nodeOf(editor.graph, typed)) return setTyped(id);
    editor.edit({ do: "rename", from: id, to: typed });
    actions.select({ nodes: new Set([typed]), edges: new Set() });
  };
  return (
    <Field label={t("nodeId")}>
      <Input className="font-mono text-xs" spellCheck={false} title={t("nodeIdHint")} value={typed} onChange={(event) => setTyped(event.target.value)} onBlur={rename} onKeyDown={(event) => { if (event.key === "Enter") rename(); }} />
    </Field>
  );
}

const NEW = "new:";

/** The ways on from a node: where they lead, in the order in which they are tried, and new ones without a mouse. */
function Ways({ editor, id, type, actions }: { editor: GraphEditor; id: string; type: NodeType; actions: InspectorActions }) {
  const t = useText(editorTexts);
  const both = useBoth();
  const words = useWords();
  const { graph } = editor;
  const most = mostEdges(type);
  if (most === 0) return null;
  const ids = edgeIds(graph.edges);
  const ways = graph.edges.flatMap((edge, index) => (edge.from === id ? [{ edge, name: ids[index] ?? "" }] : []));
  const lead = (value: string) => {
    if (value.startsWith(NEW)) actions.addAfter(value.slice(NEW.length) as NodeType, id);
    else if (value) actions.connect(id, value);
  };
  return (
    <section className="grid gap-2">
      <h4 className="text-sm font-medium">{t("ways")}</h4>
      {ways.length === 0 && <p className="text-xs text-muted">{t("noWays")}</p>}
      <ul className="grid gap-1">
        {ways.map(({ edge, name }, place) => (
          <li key={name} className="flex items-center gap-0.5 rounded-md border border-line pl-2">
            <button type="button" className="min-w-0 flex-1 truncate py-1 text-left text-sm hover:text-accent hover:underline" onClick={() => actions.select({ nodes: new Set(), edges: new Set([name]) })}>
              <span className="font-mono text-xs">{edge.to}</span> <span className="text-xs text-muted">{describeWhen(edge.when, type, words)}</span>
            </button>
            {editor.mayWrite && type === "condition" && ways.length > 1 && <>
              <Button variant="ghost" size="icon-sm" disabled={place === 0} aria-label={t("earlier", { name: edge.to })} onClick={() => editor.edit({ do: "order", edge: name, by: -1 })}><ArrowUp aria-hidden /></Button>
              <Button variant="ghost" size="icon-sm" disabled={place === ways.length - 1} aria-label={t("later", { name: edge.to })} onClick={() => editor.edit({ do: "order", edge: name, by: 1 })}><ArrowDown aria-hidden /></Button>
            </>}
            {editor.mayWrite && <Button variant="ghost" size="icon-sm" aria-label={t("takeAway", { name: edge.to })} onClick={() => editor.edit({ do: "delete", nodes: [], edges: [name] })}><X aria-hidden /></Button>}
          </li>
        ))}
      </ul>
      {editor.mayWrite && <Select aria-label={t("leadTo")} value="" onChange={(event) => lead(event.target.value)}>
        <option value="">{t("leadTo")}</option>
        {graph.nodes.map((node) => <option key={node.id} value={node.id}>{node.label ? `${node.label} (${node.id})` : node.id}</option>)}
        <optgroup label={t("newNode")}>
          {NODE_KINDS.map((kind) => <option key={kind.type} value={NEW + kind.type}>{both(kind.title)}</option>)}
        </optgroup>
      </Select>}
    </section>
  );
}

function EdgePanel({ editor, index, actions }: { editor: GraphEditor; index: number; actions: InspectorActions }) {
  const t = useText(editorTexts);
  const edge = editor.graph.edges[index] as Graph["edges"][number];
  return (
    <div className="grid gap-4">
      <h3 className="font-semibold wrap-anywhere">{t("edge", { from: edge.from, to: edge.to })}</h3>
      <WhenFields fields={editor.fields} at={`/graph/edges/${index}/when`} when={edge.when} from={nodeOf(editor.graph, edge.from)?.does.type} />
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={() => actions.select({ nodes: new Set([edge.from]), edges: new Set() })}>{t("backToNode", { name: edge.from })}</Button>
        {editor.mayWrite && <Button size="sm" variant="danger" onClick={actions.remove}><Trash2 aria-hidden />{t("remove")}</Button>}
      </div>
    </div>
  );
}

function GraphFields({ editor: { graph, fields } }: { editor: GraphEditor }) {
  const t = useText(editorTexts);
  return (
    <>
      <div className="grid grid-cols-2 gap-3">
        <Field label={t("start")} pointer="/graph/start">
          <Select value={graph.start} onChange={(event) => fields.set("/graph/start", event.target.value)}>
            {!nodeOf(graph, graph.start) && <option value={graph.start}>{graph.start || t("choose")}</option>}
            {graph.nodes.map((node) => <option key={node.id} value={node.id}>{node.label || node.id}</option>)}
          </Select>
        </Field>
        <Field label={t("maxSteps")} pointer="/graph/max_steps"><Input min={1} max={1000} title={t("maxStepsHint")} {...numberAt(fields, "/graph/max_steps")} /></Field>
      </div>
      <JsonField form={fields} pointer="/graph/variables" label={t("variables")} hint={t("variablesHint")} />
    </>
  );
}
