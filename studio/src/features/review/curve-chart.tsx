import { CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

/** A curve over `[0, 1]`, with its points in order. */
export interface Curve {
  name: string;
  colour: string;
  points: readonly { x: number; y: number }[];
  /** Whether its points stand for themselves and are marked. */
  dots?: boolean;
}

/** What {@link CurveChart} takes. */
export interface CurveChartProps {
  label: string;
  x: string;
  y: string;
  curves: readonly Curve[];
  format(value: number): string;
  height?: number;
}

const tick = { fill: "var(--muted)", fontSize: 11 };
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** Curves from 0 to 1 beside the diagonal, on which both sides agree. */
export default function CurveChart({ label, x, y, curves, format, height = 260 }: CurveChartProps) {
  return (
    <figure>
      <div role="img" aria-label={label} style={{ height }}>
        <ResponsiveContainer>
          <ComposedChart margin={{ left: 4, right: 12, top: 6, bottom: 18 }}>
            <CartesianGrid stroke="var(--line)" />
            <XAxis type="number" dataKey="x" domain={[0, 1]} ticks={TICKS} tick={tick} tickLine={false} axisLine={false} tickFormatter={format} label={{ value: x, position: "insideBottom", offset: -12, fill: "var(--muted)", fontSize: 11 }} allowDuplicatedCategory={false} />
            <YAxis type="number" domain={[0, 1]} ticks={TICKS} tick={tick} tickLine={false} axisLine={false} tickFormatter={format} width={52} label={{ value: y, angle: -90, position: "insideLeft", style: { textAnchor: "middle" }, fill: "var(--muted)", fontSize: 11 }} />
            <Tooltip
              formatter={(value) => format(Number(value))}
              labelFormatter={(value) => format(Number(value))}
              contentStyle={{ background: "var(--raised)", border: "1px solid var(--line)", borderRadius: 6, fontSize: 12 }}
            />
            <ReferenceLine segment={[{ x: 0, y: 0 }, { x: 1, y: 1 }]} stroke="var(--edge)" strokeDasharray="3 4" />
            {curves.map((curve) => (
              <Line key={curve.name} name={curve.name} data={curve.points as { x: number; y: number }[]} dataKey="y" stroke={curve.colour} strokeWidth={1.75} dot={curve.dots ? { r: 3, fill: curve.colour } : false} isAnimationActive={false} />
            ))}
          </ComposedChart>
        </ResponsiveContainer>
      </div>
      {curves.length > 1 && (
        <figcaption className="flex flex-wrap justify-center gap-4 text-xs text-muted">
          {curves.map((curve) => <span key={curve.name} className="inline-flex items-center gap-1.5"><span aria-hidden className="h-0.5 w-4" style={{ background: curve.colour }} />{curve.name}</span>)}
        </figcaption>
      )}
    </figure>
  );
}
