/** Values over time as a small picture: columns that stand on one another, or lines. */
import { useId } from 'react';
import { classes } from './classes.ts';

const WIDTH = 480;
const HEIGHT = 96;

export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** `fill-…` for columns, `stroke-…` for lines; and of the dot beside its name. */
  readonly className: string;
  readonly dotClassName: string;
}

interface TimeChartProps {
  readonly kind: 'columns' | 'lines';
  readonly series: readonly Series[];
  /** What the picture says, for those who do not see it. */
  readonly label: string;
  readonly format: (value: number) => string;
  /** How the span is called at its beginning and end. */
  readonly from: string;
  readonly until: string;
  /** Said where there is nothing to draw. */
  readonly empty?: string;
}

export function TimeChart({ kind, series, label, format, from, until, empty }: TimeChartProps) {
  const titleId = useId();
  const count = Math.max(1, ...series.map(({ values }) => values.length));
  const most = mostOf(kind, series, count);
  const isEmpty = empty !== undefined && series.every(({ values }) => values.every((value) => (value ?? 0) === 0));
  return (
    <figure className="relative min-w-0">
      {isEmpty && <p className="absolute inset-x-0 top-9 text-center text-sm text-quiet">{empty}</p>}
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-labelledby={titleId}
        preserveAspectRatio="none"
        className="block h-24 w-full overflow-visible"
      >
        <title id={titleId}>{label}</title>
        <line
          x1="0"
          x2={WIDTH}
          y1={HEIGHT - 0.5}
          y2={HEIGHT - 0.5}
          className="stroke-line"
          vectorEffect="non-scaling-stroke"
        />
        <line
          x1="0"
          x2={WIDTH}
          y1="0.5"
          y2="0.5"
          className="stroke-line"
          strokeDasharray="3 4"
          vectorEffect="non-scaling-stroke"
        />
        {kind === 'columns' ? (
          <Columns series={series} count={count} most={most} />
        ) : (
          series.map((each) => <Line key={each.name} series={each} count={count} most={most} />)
        )}
      </svg>
      <figcaption className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-quiet tabular-nums">
        {series.length > 1 &&
          series.map(({ name, dotClassName }) => (
            <span key={name} className="inline-flex items-center gap-1.5">
              <span aria-hidden="true" className={classes('size-2 rounded-xs', dotClassName)} />
              {name}
            </span>
          ))}
        <span className="ml-auto">
          {from} – {until}
          {!isEmpty && `, ↑ ${format(most)}`}
        </span>
      </figcaption>
    </figure>
  );
}

function mostOf(kind: TimeChartProps['kind'], series: readonly Series[], count: number): number {
  const at = (i: number): number => {
    const values = series.map(({ values: all }) => all[i] ?? 0);
    return kind === 'columns' ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
  };
  return Math.max(1, ...Array.from({ length: count }, (_, i) => at(i)));
}

function Columns({
  series,
  count,
  most,
}: {
  readonly series: readonly Series[];
  readonly count: number;
  readonly most: number;
}) {
  const step = WIDTH / count;
  const tops = new Array<number>(count).fill(HEIGHT);
  return series.map(({ name, values, className }) => {
    let path = '';
    for (const [i, value] of values.entries()) {
      const height = ((value ?? 0) / most) * HEIGHT;
      if (height === 0) continue;
      const top = (tops[i] ?? HEIGHT) - height;
      tops[i] = top;
      path += `M${(i * step + step * 0.1).toFixed(1)} ${top.toFixed(1)}h${(step * 0.8).toFixed(1)}v${height.toFixed(1)}h${(-step * 0.8).toFixed(1)}z`;
    }
    return <path key={name} d={path} className={className} />;
  });
}

function Line({ series, count, most }: { readonly series: Series; readonly count: number; readonly most: number }) {
  let path = '';
  let isDown = false;
  for (const [i, value] of series.values.entries()) {
    if (value === null) {
      isDown = false;
      continue;
    }
    const x = count < 2 ? WIDTH : (i / (count - 1)) * WIDTH;
    path += `${isDown ? 'L' : 'M'}${x.toFixed(1)} ${(HEIGHT - (value / most) * HEIGHT).toFixed(1)}`;
    // What stands alone is a point.
    if (!isDown && (series.values[i + 1] ?? null) === null) path += 'h0.1';
    isDown = true;
  }
  return (
    <path
      d={path}
      className={classes('fill-none', series.className)}
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      vectorEffect="non-scaling-stroke"
    />
  );
}
