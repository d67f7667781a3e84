/** Files whose contents a parser of the core judges: read, and found fault with at the line where it is. */
import type { Problem } from '../../core/policy/index.ts';
import { readYaml, stepsOf } from '../../io/yaml-document.ts';
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
  const document = readYaml(text);
  if (!document.ok) throw new UsageFailure(judge.code, `${path}: not YAML: ${document.message}`);
  const parsed = judge.parse(document.json);
  if (!isProblems(parsed)) return parsed;
  const lines = parsed.map((problem) => {
    const line = document.lineOf(stepsOf(problem.path));
    return `${path}:${line}: ${problem.path || judge.whole}: expected ${problem.expected}, found ${problem.found}`;
  });
  throw new UsageFailure(judge.code, lines.join('\n'));
}

function isProblems(parsed: object): parsed is readonly Problem[] {
  return Array.isArray(parsed);
}
