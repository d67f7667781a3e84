/** How long each stage took, as parts of one bar. */
import { TEXTS } from '../../texts/index.ts';
import type { RequestDetail } from './request.tsx';
import { tookText } from './request-rows.tsx';

const texts = TEXTS.requests;
const STAGES = [
  ['judge', 'fill-info', 'bg-info'],
  ['way', 'fill-warn', 'bg-warn'],
  ['backend', 'fill-accent', 'bg-accent'],
  ['rest', 'fill-good', 'bg-good'],
] as const;

export function StageBar({ stageMs }: { readonly stageMs: RequestDetail['stageMs'] }) {
  const { judge, way, backend, total } = stageMs;
  const values = { judge, way: way ?? 0, backend: backend ?? 0, rest: 0 };
  values.rest = Math.max(0, total - values.judge - values.way - values.backend);
  let x = 0;
  const shown = STAGES.filter(([stage]) => stage === 'judge' || stage === 'rest' || stageMs[stage] !== null);
  return (
    <div className="grid gap-4">
      <p className="text-2xl font-semibold tabular-nums">{tookText(total)}</p>
      <svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true" className="block h-5 w-full rounded-md">
        <rect width="1000" height="20" className="fill-line/60" />
        {shown.map(([stage, fill]) => {
          const width = total > 0 ? (values[stage] / total) * 1000 : 0;
          const at = x;
          x += width;
          return <rect key={stage} x={at} width={width} height="20" className={fill} />;
        })}
      </svg>
      <dl className="grid grid-cols-1 gap-x-6 gap-y-2 text-sm sm:grid-cols-2">
        {shown.map(([stage, , dot]) => (
          <div key={stage} className="flex items-center gap-2">
            <span aria-hidden="true" className={`size-2.5 rounded-xs ${dot}`} />
            <dt className="text-quiet">{texts.stages[stage]}</dt>
            <dd className="ml-auto tabular-nums">{tookText(values[stage])}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
