import { CircleCheck, CircleHelp, CircleX, KeyRound } from 'lucide-react';
import { Badge, type Standing } from '../../look/badge.tsx';
import { classes } from '../../look/classes.ts';
import { TEXTS } from '../../texts/index.ts';
import { either, type NameOf } from './criteria.ts';
import type { Verdict } from './question.ts';
import { leafText, methodName } from './sentences.ts';

const texts = TEXTS.simulator;

const LOOKS = {
  allow: ['bg-good-soft text-good', CircleCheck],
  deny: ['bg-bad-soft text-bad', CircleX],
  challenge: ['bg-warn-soft text-warn', KeyRound],
} as const;

/** The verdict, its reason, and how each rule came to what it did. */
export function VerdictView({ verdict, nameOf }: { readonly verdict: Verdict; readonly nameOf: NameOf }) {
  const { outcome, reason, ruleName, ways, rules, request } = verdict;
  const [look, Icon] = LOOKS[outcome];
  return (
    <div className="grid gap-5" aria-live="polite">
      <div className={classes('flex gap-3 rounded-xl px-4 py-3', look)}>
        <Icon size={22} aria-hidden="true" className="mt-0.5 shrink-0" />
        <div className="min-w-0">
          <p className="text-lg font-semibold">{texts.outcomes[outcome]}</p>
          <p>
            {(texts.reasons as Readonly<Record<string, string>>)[reason] ?? reason}{' '}
            {ruleName !== null && texts.byRule(ruleName)}
          </p>
          <p className="mt-1 font-mono text-[13px]">{reason}</p>
        </div>
      </div>
      {ways && (
        <p className="text-sm">
          <span className="font-medium">{texts.help}: </span>
          {helpText(ways)}.
        </p>
      )}
      <section>
        <h3 className="mb-2 font-medium">{texts.trace}</h3>
        <ol className="grid gap-2">
          {rules.map((rule) => (
            <RuleTrace key={`${rule.scope} ${rule.ruleId}`} rule={rule} nameOf={nameOf} />
          ))}
          {rules.length === 0 && <li className="text-sm text-quiet">{texts.reasons['policy-missing']}</li>}
        </ol>
      </section>
      <p className="text-sm text-quiet">
        {texts.judged}: <code className="font-mono text-[13px]">{request.path}</code>,{' '}
        {new Date(request.unixMs).toLocaleString('en-GB')}
        {request.place?.country && `, ${nameOf('countries', request.place.country)}`}
      </p>
    </div>
  );
}

function helpText({ accounts, methods, credentials, guests }: NonNullable<Verdict['ways']>): string {
  return either([
    ...(accounts ? [texts.helpAccounts(methods ? either(methods.map(methodName)) : '')] : []),
    ...(guests ? [texts.helpGuests] : []),
    ...(credentials.length > 0 ? [texts.helpCredentials(either(credentials.map(methodName)))] : []),
  ]);
}

const EFFECTS: Readonly<Record<string, Standing>> = {
  decided: 'info',
  satisfied: 'good',
  'not-admitting': 'warn',
};

type Trace = Verdict['rules'][number];

function RuleTrace({ rule, nameOf }: { readonly rule: Trace; readonly nameOf: NameOf }) {
  const { scope, ruleName, effect, condition } = rule;
  const isQuiet = effect === 'not-reached' || effect === 'disabled';
  return (
    <li
      className={classes(
        'rounded-lg border px-3 py-2',
        effect === 'decided' && 'border-info',
        isQuiet && 'border-dashed',
      )}
    >
      <div className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 font-medium break-words">{ruleName}</span>
        <span className="text-xs text-quiet">{texts.scopes[scope]}</span>
        <span className="ml-auto">
          <Badge standing={EFFECTS[effect] ?? 'none'}>{texts.effects[effect]}</Badge>
        </span>
      </div>
      {condition !== undefined && (
        <ul className="mt-1.5 text-sm">
          <ConditionTrace trace={condition as TraceNode} nameOf={nameOf} />
        </ul>
      )}
    </li>
  );
}

interface TraceNode {
  readonly kind: string;
  readonly value: keyof typeof texts.values;
  readonly config?: unknown;
  readonly children?: readonly TraceNode[];
}

const VALUES = {
  true: ['text-good', CircleCheck],
  false: ['text-bad', CircleX],
  unknown: ['text-warn', CircleHelp],
  'unknown-until-signed-in': ['text-warn', KeyRound],
} as const;

const GROUPS: Readonly<Record<string, string>> = { all: TEXTS.policies.all, any: TEXTS.policies.any, not: 'not' };

function ConditionTrace({ trace, nameOf }: { readonly trace: TraceNode; readonly nameOf: NameOf }) {
  const { kind, value, config, children = [] } = trace;
  const [colour, Icon] = VALUES[value];
  const isAlways = kind === 'all' && children.length === 0;
  const said = GROUPS[kind] ?? leafText(kind, config, nameOf);
  return (
    <li>
      <span className="flex items-start gap-1.5 py-0.5">
        <Icon size={15} aria-hidden="true" className={classes('mt-0.5 shrink-0', colour)} />
        <span className="min-w-0 break-words">
          {isAlways ? 'always' : said}
          <span className={colour}>: {texts.values[value]}</span>
        </span>
      </span>
      {children.length > 0 && (
        <ul className="ml-1.5 border-l pl-3.5">
          {children.map((child, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no name of their own
            <ConditionTrace key={index} trace={child} nameOf={nameOf} />
          ))}
        </ul>
      )}
    </li>
  );
}
