import { Link } from "@tanstack/react-router";
import { BookOpen, ChevronsUpDown, CircleHelp, LogOut, Search, User } from "lucide-react";
import { useMe } from "@/api/me";
import { LANGUAGE_NAMES, LANGUAGES, language, useBoth, useText } from "@/i18n";
import { shown } from "@/lib/keyboard";
import { Kbd } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Menu, MenuChoice, MenuItem, MenuLine } from "@/ui/menu";
import { toastError } from "@/ui/toast";
import { messageOf } from "@/ui/states";
import { GROUPS } from "./feature";
import { features } from "./features";
import icon from "./icon.svg";
import { appTexts } from "./i18n";
import { signOut, switchWorkspace } from "./session-actions";
import { theme, THEMES } from "./theme";

/** The name of the product, which leads home. */
export const Brand = () => (
  <Link to="/" className="flex items-center gap-2 rounded-md text-lg font-semibold tracking-tight">
    <img src={icon} alt="" width={24} height={24} />
    <span>Assay</span>
  </Link>
);

/** Brand, workspace, navigation, and who is signed in. */
export function Sidebar({ onSearch, onHelp, onLeave }: { onSearch(): void; onHelp(): void; onLeave?: () => void }) {
  const t = useText(appTexts);
  return (
    <div className="flex h-full flex-col gap-3 px-2.5 py-3">
      <div className="flex items-center justify-between px-1.5">
        <Brand />
        <Button variant="ghost" size="icon-sm" aria-label={t("help")} onClick={onHelp}><CircleHelp aria-hidden /></Button>
      </div>
      <WorkspaceSwitch />
      <button type="button" onClick={onSearch} className="control flex h-8 items-center gap-2 px-2.5 text-left text-muted">
        <Search aria-hidden className="size-4" />
        <span className="flex-1 truncate">{t("find")}</span>
        <Kbd>{shown("Mod+K")}</Kbd>
      </button>
      <Navigation onLeave={onLeave} />
      <Account />
    </div>
  );
}

function Navigation({ onLeave }: { onLeave: (() => void) | undefined }) {
  const t = useText(appTexts);
  const both = useBoth();
  const { permissions } = useMe();
  const entries = features.flatMap((feature) => feature.nav ?? []).filter((entry) => !entry.permission || permissions.includes(entry.permission));
  return (
    <nav aria-label={t("navigation")} className="min-h-0 flex-1 overflow-y-auto">
      {GROUPS.map((group) => {
        const own = entries.filter((entry) => entry.group === group.id);
        if (own.length === 0) return null;
        return (
          <div key={group.id} className="mb-3">
            {group.title && <p className="label px-2 pb-1">{both(group.title)}</p>}
            <ul className="grid gap-px">
              {own.map(({ to, title, icon: Icon }) => (
                <li key={to}>
                  <Link
                    to={to}
                    onClick={onLeave}
                    activeOptions={{ exact: to === "/", includeSearch: false }}
                    className="flex h-8 items-center gap-2.5 rounded-md px-2 text-sm font-medium text-muted hover:bg-sunken hover:text-ink [&.active]:bg-accent-soft [&.active]:text-accent-strong"
                  >
                    <Icon aria-hidden className="size-4" />
                    {both(title)}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}

function WorkspaceSwitch() {
  const t = useText(appTexts);
  const me = useMe();
  const all = me.memberships ?? [];
  const name = <span className="min-w-0 flex-1 truncate text-left font-medium">{me.workspace.name}</span>;
  if (all.length < 2) return <p className="flex h-8 items-center rounded-md bg-sunken px-2.5 text-sm" title={t("workspace")}>{name}</p>;
  return (
    <Menu align="start" trigger={<Button className="justify-between px-2.5"><span className="sr-only">{t("workspace")}: </span>{name}<ChevronsUpDown aria-hidden className="text-muted" /></Button>}>
      <MenuChoice
        label={t("workspace")}
        value={me.workspace.id}
        options={all.map((one) => ({ value: one.workspace.id, label: one.workspace.name }))}
        onChange={(id) => void switchWorkspace(id)}
      />
    </Menu>
  );
}

function Account() {
  const t = useText(appTexts);
  const me = useMe();
  const chosenTheme = theme.use();
  const chosenLanguage = language.use();
  const name = me.user ? (me.user.name || me.user.email || me.user.id) : (me.key?.name ?? t("keyPair"));
  const leave = () => signOut().catch((error: unknown) => toastError(messageOf(error, t("signOut"))));
  return (
    <Menu align="start" trigger={
      <Button variant="ghost" title={me.user?.email ?? undefined} className="h-10 justify-start px-2">
        <span className="sr-only">{t("account")}: </span>
        <span aria-hidden className="grid size-6 shrink-0 place-items-center rounded-full bg-copper text-2xs font-semibold text-canvas">{name.slice(0, 1).toUpperCase()}</span>
        <span className="min-w-0 flex-1 text-left leading-tight">
          <span className="block truncate text-ink">{name}</span>
          <span className="block truncate text-2xs font-normal">{me.role ?? me.key?.role}</span>
        </span>
      </Button>
    }>
      <MenuItem asChild><Link to="/profile"><User aria-hidden />{t("profile")}</Link></MenuItem>
      <MenuItem asChild><a href="/api/openapi.json" target="_blank" rel="noreferrer"><BookOpen aria-hidden />{t("apiReference")}</a></MenuItem>
      <MenuLine />
      <MenuChoice label={t("theme")} value={chosenTheme} onChange={theme.set} options={THEMES.map((one) => ({ value: one, label: t(one) }))} />
      <MenuLine />
      <MenuChoice label={t("language")} value={chosenLanguage} onChange={language.set} options={LANGUAGES.map((one) => ({ value: one, label: LANGUAGE_NAMES[one] }))} />
      <MenuLine />
      <MenuItem onSelect={() => void leave()}><LogOut aria-hidden />{t("signOut")}</MenuItem>
    </Menu>
  );
}
