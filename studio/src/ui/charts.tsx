import { lazy, Suspense } from "react";
import type { SeriesChartProps } from "./series-chart";
import type { SmallChartProps } from "./small-chart";

const Series = lazy(() => import("./series-chart"));
const Small = lazy(() => import("./small-chart"));

const Waiting = ({ height }: { height: number | undefined }) => <div className="animate-pulse rounded-md bg-sunken" style={{ height: height ?? 180 }} />;

/** Dense series over time. */
export const SeriesChart = (props: SeriesChartProps) => <Suspense fallback={<Waiting height={props.height} />}><Series {...props} /></Suspense>;
/** Bars or a line over a few categories. */
export const SmallChart = (props: SmallChartProps) => <Suspense fallback={<Waiting height={props.height} />}><Small {...props} /></Suspense>;
