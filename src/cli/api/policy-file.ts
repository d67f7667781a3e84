/** Policies in files: read, and found fault with at the line where it is. */
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { type Policy, type Problem, parsePolicy } from '../../core/policy/index.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { requireText } from '../programs/enrolment.ts';

export type PolicyScope = 'organisation' | 'resource';

/** A policy, YAML or JSON. Failure `policy-invalid` that names file, line and what is expected there, for each mistake. */
export async function readPolicyFile(path: string, scope: PolicyScope = 'resource'): Promise<Policy> {
  return policyFrom(await requireText('policy', path), path, scope);
}

export function policyFrom(text: string, path: string, scope: PolicyScope): Policy {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [fault] = document.errors;
  if (fault) throw new UsageFailure('policy-invalid', `${path}: not YAML: ${fault.message.split('\n')[0]}`);
  const parsed = parsePolicy(document.toJS({ maxAliasCount: 100 }), scope);
  if (parsed.ok) return parsed.policy;
  const lines = parsed.problems.map((problem) => {
    const line = lineOf(document, lineCounter, problem.path);
    return `${path}:${line}: ${wordsOf(problem)}`;
  });
  throw new UsageFailure('policy-invalid', lines.join('\n'));
}

function wordsOf({ path, expected, found }: Problem): string {
  return `${path || 'the policy'}: expected ${expected}, found ${found}`;
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
