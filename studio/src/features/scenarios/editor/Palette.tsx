import { type KeyboardEvent, useState } from "react";
import { useBoth, useText } from "@/i18n";
import { SearchInput } from "@/ui/input";
import type { NodeType } from "../graph/model";
import { NODE_GROUPS, NODE_KINDS } from "../graph/nodes";
import { editorTexts } from "../i18n-editor";
import { DRAGGED } from "./Canvas";

/** Every type of nodes: clicked, found by typing, or dragged onto the canvas. */
export function Palette({ onAdd }: { onAdd(type: NodeType): void }) {
  const t = useText(editorTexts);
  const both = useBoth();
  const [query, setQuery] = useState("");
  const words = query.trim().toLowerCase();
  const shown = NODE_KINDS.filter((kind) => !words || `${both(kind.title)} ${kind.type} ${kind.title.en}`.toLowerCase().includes(words));
  const entered = (event: KeyboardEvent) => {
    // What is called so goes before what has it somewhere.
    const first = shown.find((kind) => both(kind.title).toLowerCase().startsWith(words)) ?? shown[0];
    if (event.key === "Enter" && first && words) {
      event.preventDefault();
      onAdd(first.type);
      setQuery("");
    }
    if (event.key === "Escape") setQuery("");
  };
  return (
    <section aria-label={t("palette")} className="flex min-h-0 flex-col gap-2 border-line bg-surface p-2 max-lg:border-b lg:border-r">
      <SearchInput label={t("findStep")} value={query} onChange={(event) => setQuery(event.target.value)} onKeyDown={entered} className="w-full shrink-0" />
      <div tabIndex={0} role="group" aria-label={t("palette")} className="min-h-0 flex-1 overflow-auto max-lg:flex max-lg:gap-3 lg:grid lg:content-start lg:gap-2">
        {NODE_GROUPS.map((group) => {
          const kinds = shown.filter((kind) => kind.group === group.id);
          return kinds.length === 0 ? null : (
            <div key={group.id} className="shrink-0">
              <h3 className="label px-1.5 pb-0.5">{both(group.title)}</h3>
              <ul className="max-lg:flex">
                {kinds.map(({ type, icon: Icon, title, text }) => (
                  <li key={type}>
                    <button
                      type="button"
                      draggable
                      title={both(text)}
                      data-step={type}
                      onClick={() => onAdd(type)}
                      onDragStart={(event) => { event.dataTransfer.setData(DRAGGED, type); event.dataTransfer.effectAllowed = "copy"; }}
                      className="flex w-full items-center gap-2 rounded-md px-1.5 py-1 text-left text-sm whitespace-nowrap hover:bg-sunken focus-visible:outline-offset-[-2px]"
                    >
                      <Icon aria-hidden className="size-4 shrink-0 text-muted" />{both(title)}
                    </button>
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
        {shown.length === 0 && <p className="px-1.5 text-sm text-muted">{t("noStep")}</p>}
      </div>
      <p className="shrink-0 px-1.5 text-2xs text-muted max-lg:hidden">{t("addHint")}</p>
    </section>
  );
}
