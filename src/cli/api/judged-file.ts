/** Files whose contents a parser of the core judges: read, and found fault with at the line where it is. */
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Problem } from '../../core/policy/index.ts';
import { UsageFailure, type UsageFailureCode } from '../config/usage-failure.ts';

export interface Judge<Value> {
  /** Of the failure. */
  readonly code: UsageFailureCode;
  /** What problems without a path are about: `the policy`. */
  readonly whole: string;
  parse(json: unknown): Value | readonly Problem[];
}

/** What a text says, YAML or JSON. Fails with file, line and what is expected there, for each mistake. */
export function judgedText<Value extends object>(text: string, path: string, judge: Judge<Value>): Value {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [fault] = document.errors;
  if (fault) throw new UsageFailure(judge.code, `${path}: not YAML: ${fault.message.split('\n')[0]}`);
  const parsed = judge.parse(document.toJS({ maxAliasCount: 100 }));
  if (!isProblems(parsed)) return parsed;
  const lines = parsed.map((problem) => {
    const line = lineOf(document, lineCounter, problem.path);
    return `${path}:${line}: ${problem.path || judge.whole}: expected ${problem.expected}, found ${problem.found}`;
  });
  throw new UsageFailure(judge.code, lines.join('\n'));
}

function isProblems(parsed: object): parsed is readonly Problem[] {
  return Array.isArray(parsed);
}

/** `rules[2].when.country[0]` to the line where that is, or where the nearest thing around it is. */
function lineOf(document: ReturnType<typeof parseDocument>, lines: LineCounter, path: string): number {
  const steps = [...path.matchAll(/([^.[\]]+)/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step));
  for (let length = steps.length; length > 0; length--) {
    const around: unknown = length === 1 ? document.contents : document.getIn(steps.slice(0, length - 1), true);
    const start = startOf(around, steps[length - 1] ?? '');
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}

/** Where a key, or an item of a list, begins. */
function startOf(around: unknown, step: string | number): number | undefined {
  if (isMap(around)) {
    const pair = around.items.find(({ key }) => isScalar(key) && key.value === step);
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const item: unknown = isSeq(around) && typeof step === 'number' ? around.items[step] : undefined;
  return isNode(item) ? item.range?.[0] : undefined;
}
