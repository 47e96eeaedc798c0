import { useBoth, useText } from "@/i18n";
import { active, shown } from "@/lib/keyboard";
import { Kbd } from "@/ui/badge";
import { Dialog } from "@/ui/dialog";
import { appTexts } from "./i18n";

/** The keys that work where the person is. */
export default function KeyboardHelp({ onClose }: { onClose(): void }) {
  const t = useText(appTexts);
  const both = useBoth();
  return (
    <Dialog open onClose={onClose} title={t("help")} description={t("helpText")}>
      <dl className="grid gap-x-8 gap-y-1.5 sm:grid-cols-2">
        {[...active].flat().map((shortcut) => (
          <div key={shortcut.keys} className="flex items-center justify-between gap-3">
            <dt className="text-sm">{both(shortcut.label)}</dt>
            <dd className="flex gap-1">{shown(shortcut.keys).split(" ").map((key) => <Kbd key={key}>{key}</Kbd>)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
