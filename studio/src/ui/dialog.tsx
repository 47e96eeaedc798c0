import { type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { X } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { Button } from "./button";
import { PortalContainer } from "./portal";
import { uiTexts } from "./i18n";

/** What dialogs and sheets take. */
export interface DialogProps {
  open: boolean;
  onClose(): void;
  title: ReactNode;
  /** A sentence below the title. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons at the end. */
  actions?: ReactNode;
  className?: string;
}

/**
 * A modal dialog: the browser's own `<dialog>`, which keeps focus, makes the rest inert, and needs no styles written by a
 * script, which the page's policy forbids.
 */
export function Dialog(props: DialogProps) {
  return <Modal {...props} shape="m-auto w-[min(34rem,calc(100vw-2rem))] max-h-[min(46rem,calc(100dvh-2rem))] rounded-lg border border-line animate-rise" />;
}

/** A dialog that comes in from the right: details, long forms. */
export function Sheet(props: DialogProps) {
  return <Modal {...props} shape="my-0 mr-0 ml-auto h-dvh max-h-none w-[min(44rem,100vw)] border-l border-line animate-slide" />;
}

function Modal({ open, shape, ...rest }: DialogProps & { shape: string }) {
  // Closed ones are not in the page, so that each opening begins anew.
  return open ? <OpenModal {...rest} shape={shape} /> : null;
}

function OpenModal({ onClose, title, description, children, actions, className, shape }: Omit<DialogProps, "open"> & { shape: string }) {
  const t = useText(uiTexts);
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  const [container, setContainer] = useState<HTMLElement | null>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    const opener = openerOf(document.activeElement);
    if (dialog && !dialog.open) dialog.showModal();
    setContainer(dialog);
    return () => {
      dialog?.close();
      // A link may have opened it, and nothing on the page; or what did is gone.
      (opener?.isConnected ? opener : document.querySelector<HTMLElement>("main"))?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={`${id}-title`}
      aria-describedby={description ? `${id}-description` : undefined}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        // The backdrop is the dialog itself; all else is inside.
        if (event.target === event.currentTarget) onClose();
      }}
      className={cx("bg-surface p-0 shadow-pop", shape, className)}
    >
      <PortalContainer value={container}>
        <div className="flex max-h-[inherit] flex-col" style={{ height: "100%" }}>
          <header className="flex items-start gap-4 px-5 pt-4 pb-3">
            <div className="min-w-0 flex-1">
              <h2 id={`${id}-title`} className="text-lg font-semibold">{title}</h2>
              {description && <p id={`${id}-description`} className="mt-0.5 text-sm text-muted">{description}</p>}
            </div>
            <Button variant="ghost" size="icon-sm" aria-label={t("close")} onClick={onClose}><X aria-hidden /></Button>
          </header>
          {/* Only now: a field that asks for the focus cannot have it in a dialog that is closed. */}
          {container && children && <div className="min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-4">{children}</div>}
          {actions && <footer className="flex justify-end gap-2 border-t border-line px-5 py-3">{actions}</footer>}
        </div>
      </PortalContainer>
    </dialog>
  );
}

/** What to go back to: of an item of a menu, which is gone by then, the button of the menu. */
function openerOf(focused: Element | null): HTMLElement | null {
  const trigger = focused?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  const found = trigger ? document.getElementById(trigger) : focused;
  return found instanceof HTMLElement && found !== document.body ? found : null;
}

/** Asks before what cannot be undone. What can be undone is done, with Undo in a toast, and does not ask. */
export function Confirm({ confirm, danger, busy, onConfirm, ...dialog }: DialogProps & {
  confirm: string;
  danger?: boolean;
  busy?: boolean;
  onConfirm(): void;
}) {
  const t = useText(uiTexts);
  return (
    <Dialog
      {...dialog}
      actions={<>
        <Button onClick={dialog.onClose}>{t("cancel")}</Button>
        <Button variant={danger ? "danger" : "primary"} busy={busy} onClick={onConfirm}>{confirm}</Button>
      </>}
    />
  );
}
