import { Bar, BarChart, CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

/** A few values by name. */
export interface SmallChartProps {
  label: string;
  kind?: "bar" | "line";
  data: readonly { name: string; value: number | null }[];
  format?(value: number): string;
  height?: number;
}

const tick = { fill: "var(--muted)", fontSize: 11 };

/** A small chart of a handful of values. */
export default function SmallChart({ label, kind = "bar", data, format = String, height = 180 }: SmallChartProps) {
  const parts = (
    <>
      <CartesianGrid vertical={false} stroke="var(--line)" />
      <XAxis dataKey="name" tick={tick} tickLine={false} axisLine={false} />
      <YAxis tick={tick} tickLine={false} axisLine={false} tickFormatter={format} width={48} />
      <Tooltip
        formatter={(value) => format(Number(value))}
        cursor={{ fill: "var(--sunken)" }}
        contentStyle={{ background: "var(--raised)", border: "1px solid var(--line)", borderRadius: 6, fontSize: 12 }}
      />
    </>
  );
  const rows = data as { name: string; value: number | null }[];
  return (
    <div role="img" aria-label={label} style={{ height }}>
      <ResponsiveContainer>
        {kind === "bar"
          ? <BarChart data={rows}>{parts}<Bar dataKey="value" fill="var(--accent)" radius={[3, 3, 0, 0]} isAnimationActive={false} /></BarChart>
          : <LineChart data={rows}>{parts}<Line dataKey="value" stroke="var(--accent)" strokeWidth={1.75} dot={false} isAnimationActive={false} /></LineChart>}
      </ResponsiveContainer>
    </div>
  );
}
