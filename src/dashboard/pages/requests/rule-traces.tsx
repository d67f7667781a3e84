/** What each rule said of a request when it was decided. */
import { Badge } from '../../look/badge.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { RequestDetail } from './request.tsx';

const texts = TEXTS.requests;

interface Condition {
  readonly kind: string;
  readonly value: string;
  readonly config?: unknown;
  readonly children?: readonly Condition[];
}

export function RuleTraces({ rules }: { readonly rules: NonNullable<RequestDetail['rules']> }) {
  return (
    <ol className="grid gap-4">
      {rules.map(({ scope, ruleId, ruleName, effect, condition }) => (
        <li key={`${scope} ${ruleId}`} className="grid gap-2">
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-medium">{ruleName}</span>
            <span className="text-sm text-quiet">{texts.policies[scope]}</span>
            <Badge standing={effect === 'decided' ? 'info' : 'none'}>{texts.effects[effect] ?? effect}</Badge>
          </p>
          {isCondition(condition) && <ConditionTree condition={condition} />}
        </li>
      ))}
    </ol>
  );
}

function ConditionTree({ condition }: { readonly condition: Condition }) {
  const { kind, value, config, children = [] } = condition;
  return (
    <div className="border-l pl-3 text-sm">
      <p className="flex flex-wrap items-baseline gap-2">
        <code className="text-[13px]">{kind}</code>
        {config !== undefined && (
          <code className="max-w-full truncate text-[13px] text-quiet">{JSON.stringify(config)}</code>
        )}
        <span className="text-quiet">{texts.truths[value] ?? value}</span>
      </p>
      {children.map((child, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was recorded never changes its order
        <ConditionTree key={`${child.kind} ${i}`} condition={child} />
      ))}
    </div>
  );
}

function isCondition(value: unknown): value is Condition {
  return typeof value === 'object' && value !== null && 'kind' in value && 'value' in value;
}
