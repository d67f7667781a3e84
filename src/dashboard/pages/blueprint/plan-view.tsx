import { Badge, type Standing } from '../../look/badge.tsx';
import { Card } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import { nounOf, ownerText, type Plan, type Step, summaryOf } from './blueprint-shape.ts';

const texts = TEXTS.blueprint;
const STANDINGS: Readonly<Record<Step['verb'], Standing>> = {
  create: 'good',
  update: 'info',
  delete: 'bad',
  'take-over': 'warn',
};
/** Certificates are long, and say nothing to people. */
const VALUE_CHARS = 160;

/** A plan as a list of things, each with its fields: what was, what is. */
export function PlanView({ plan }: { readonly plan: Plan }) {
  const isSame = plan.steps.length === 0 && plan.refusals.length === 0;
  return (
    <Card title={texts.planTitle} lead={isSame ? texts.nothing : summaryOf(plan)} isFlush>
      {plan.refusals.length > 0 && <Refusals refusals={plan.refusals} />}
      <ul aria-label={texts.planTitle}>
        {plan.steps.map((step) => (
          <StepRow key={`${step.verb} ${step.noun} ${step.name}`} step={step} />
        ))}
      </ul>
      {plan.left.length > 0 && (
        <p className="px-5 py-3 text-sm text-quiet">
          {texts.left(plan.left.map(({ noun, name }) => `${nounOf(noun)} ${name}`).join(', '))}
        </p>
      )}
    </Card>
  );
}

function Refusals({ refusals }: Pick<Plan, 'refusals'>) {
  return (
    <div role="alert" className="border-b bg-bad-soft px-5 py-3 text-sm text-bad">
      <p className="font-medium">{texts.refusedLead}</p>
      <ul className="mt-1 grid gap-1">
        {refusals.map(({ noun, name, text }) => (
          <li key={`${noun} ${name}`}>{text}</li>
        ))}
      </ul>
    </div>
  );
}

function StepRow({ step }: { readonly step: Step }) {
  const { verb, noun, name, changes, takenFrom } = step;
  return (
    <li className="border-b px-5 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-2">
        <Badge standing={STANDINGS[verb]}>{texts.verbs[verb]}</Badge>
        <span className="text-quiet">{nounOf(noun)}</span>
        {noun !== 'organisation' && <span className="min-w-0 font-medium break-words">{name}</span>}
        {takenFrom !== undefined && <span className="text-sm text-quiet">{texts.takenFrom(ownerText(takenFrom))}</span>}
      </div>
      {changes.length > 0 && (
        <dl className="mt-2 grid gap-1 font-mono text-xs sm:grid-cols-[minmax(10rem,auto)_1fr] sm:gap-x-4">
          {changes.map((change) => (
            <div key={change.path} className="contents">
              <dt className="text-quiet break-words">{change.path}</dt>
              <dd className="min-w-0 break-words">
                <Difference change={change} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

function Difference({ change: { before, after } }: { readonly change: Step['changes'][number] }) {
  if (before === undefined) return <span className="text-good">{valueText(after)}</span>;
  return (
    <>
      <span className="sr-only">{texts.was} </span>
      <del className="text-bad">{valueText(before)}</del>
      <span className="text-quiet" aria-hidden="true">
        {' → '}
      </span>
      <span className="sr-only"> {texts.is} </span>
      <ins className="text-good no-underline">{after === undefined ? texts.gone : valueText(after)}</ins>
    </>
  );
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length <= VALUE_CHARS ? text : `${text.slice(0, VALUE_CHARS - 1)}…`;
}
