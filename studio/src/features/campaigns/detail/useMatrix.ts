import { startTransition, useEffect, useRef, useState } from "react";
import type { Outcome } from "../data";
import { MatrixBuilder, type MatrixColumn, type MatrixRow } from "./matrix-data";

interface PageOfRuns {
  data: Outcome[];
}

/** For so long runs are put in before the page gets a turn. */
const SLICE_MS = 8;

/**
 * The matrix of the pages that were read so far; null before the first is put in. Pages that come in are added to what is there,
 * and many are put in a few at a time: a hundred thousand cells at once would hold up the page.
 */
export function useMatrix(pages: readonly PageOfRuns[] | undefined): { rows: MatrixRow[]; columns: MatrixColumn[] } | null {
  const [matrix, setMatrix] = useState<{ rows: MatrixRow[]; columns: MatrixColumn[] } | null>(null);
  const kept = useRef<{ builder: MatrixBuilder; pages: PageOfRuns[] }>({ builder: new MatrixBuilder(), pages: [] });
  useEffect(() => {
    if (!pages) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // What was read anew and says something else cannot be taken out again: then it is begun anew.
    if (kept.current.pages.some((page, at) => pages[at] !== page)) kept.current = { builder: new MatrixBuilder(), pages: [] };
    const { builder, pages: done } = kept.current;
    const work = () => {
      const until = performance.now() + SLICE_MS;
      while (done.length < pages.length && performance.now() < until) {
        const page = pages[done.length] as PageOfRuns;
        for (const run of page.data) builder.add(run);
        done.push(page);
      }
      if (done.length < pages.length) timer = setTimeout(work);
      else startTransition(() => setMatrix(builder.matrix()));
    };
    work();
    return () => clearTimeout(timer);
  }, [pages]);
  return matrix;
}
