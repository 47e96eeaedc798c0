import { type ReactNode, useEffect } from "react";
import icon from "@/app/icon.svg";
import { WithinPage } from "@/ui/within-page";

/** A page for somebody who is not in yet: one card in the middle. */
export function Frame({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Assay Studio`;
  }, [title]);
  return (
    <main id="main" className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="grid w-full max-w-sm gap-5">
        <p className="flex items-center justify-center gap-2.5 text-xl font-semibold tracking-tight">
          <img src={icon} alt="" width={32} height={32} />Assay
        </p>
        <section className="card grid gap-4 p-6 shadow-pop">
          <h1 className="text-xl font-semibold">{title}</h1>
          <WithinPage value>{children}</WithinPage>
        </section>
      </div>
    </main>
  );
}
