import { Command } from "cmdk";
import { useNavigate } from "@tanstack/react-router";
import { Building2, Languages, LogOut, type LucideIcon, SunMoon } from "lucide-react";
import { useMe } from "@/api/me";
import { LANGUAGE_NAMES, LANGUAGES, language, useBoth, useText } from "@/i18n";
import { Kbd } from "@/ui/badge";
import { Dialog } from "@/ui/dialog";
import { features } from "./features";
import { appTexts } from "./i18n";
import { signOut, switchWorkspace } from "./session-actions";
import { theme, THEMES } from "./theme";

/** Every page and every command, found by typing. */
export default function CommandPalette({ onClose }: { onClose(): void }) {
  const t = useText(appTexts);
  const both = useBoth();
  const navigate = useNavigate();
  const me = useMe();
  const may = (entry: { permission?: (typeof me.permissions)[number] }) => !entry.permission || me.permissions.includes(entry.permission);
  const run = (action: () => unknown) => () => {
    onClose();
    void action();
  };
  const others = (me.memberships ?? []).filter((one) => one.workspace.id !== me.workspace.id);
  return (
    <Dialog open onClose={onClose} title={t("search")}>
      <Command label={t("palette")} loop>
        <Command.Input autoFocus placeholder={t("palette")} className="control mb-2 h-9 w-full px-3" />
        <Command.List className="max-h-80 overflow-y-auto [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-semibold [&_[cmdk-group-heading]]:text-muted">
          <Command.Empty className="px-2 py-6 text-center text-sm text-muted">{t("noCommand")}</Command.Empty>
          <Command.Group heading={t("goTo")}>
            {features.flatMap((feature) => feature.nav ?? []).filter(may).map((entry) => (
              <Item key={entry.to} icon={entry.icon} text={both(entry.title)} hint={entry.key && `g ${entry.key}`} onSelect={run(() => navigate({ to: entry.to }))} />
            ))}
          </Command.Group>
          <Command.Group heading={t("actions")}>
            {features.flatMap((feature) => feature.commands ?? []).filter(may).map((entry) => (
              <Item key={entry.to} icon={entry.icon} text={both(entry.title)} onSelect={run(() => navigate({ to: entry.to }))} />
            ))}
            {others.map(({ workspace }) => (
              <Item key={workspace.id} icon={Building2} text={`${t("workspace")}: ${workspace.name}`} onSelect={run(() => switchWorkspace(workspace.id))} />
            ))}
            {THEMES.map((one) => <Item key={one} icon={SunMoon} text={`${t("theme")}: ${t(one)}`} onSelect={run(() => theme.set(one))} />)}
            {LANGUAGES.map((one) => <Item key={one} icon={Languages} text={`${t("language")}: ${LANGUAGE_NAMES[one]}`} onSelect={run(() => language.set(one))} />)}
            <Item icon={LogOut} text={t("signOut")} onSelect={run(signOut)} />
          </Command.Group>
        </Command.List>
      </Command>
    </Dialog>
  );
}

const Item = ({ icon: Icon, text, hint, onSelect }: { icon: LucideIcon; text: string; hint?: string | undefined; onSelect(): void }) => (
  <Command.Item value={text} onSelect={onSelect} className="flex h-8 items-center gap-2.5 rounded-md px-2 text-sm data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent-strong">
    <Icon aria-hidden className="size-4" />
    <span className="flex-1 truncate">{text}</span>
    {hint && <Kbd>{hint}</Kbd>}
  </Command.Item>
);
