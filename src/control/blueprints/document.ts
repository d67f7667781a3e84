/** A blueprint as text: read, judged by the shape of each noun, and found fault with at the line where it is. */
import type { z } from 'zod';
import type { NounName } from '../../core/blueprint/index.ts';
import { type PathStep, type ReadYaml, readYaml, stepsOf } from '../../io/yaml-document.ts';
import { ControlFailure } from '../problems.ts';
import { BLUEPRINT_PROBLEMS_MAX } from './constants.ts';
import { BLUEPRINT_VERSION, PARTS_IN_ORDER } from './parts.ts';

export interface Entry {
  readonly noun: NounName;
  readonly name: string;
  readonly given: unknown;
}

export interface BlueprintProblem {
  readonly line: number;
  readonly path: string;
  readonly expected: string;
  readonly found?: string;
}

export interface Document {
  readonly entries: readonly Entry[];
  /** A failure of something in an entry as one of the document, with its lines. */
  located(entry: Pick<Entry, 'noun' | 'name'>, failure: ControlFailure): ControlFailure;
}

type Found = Extract<ReadYaml, { ok: true }>;

/** Failure `blueprint-invalid`, with every mistake and its line. */
export function readDocument(text: string): Document {
  const read = readYaml(text);
  if (!read.ok) throw invalid([{ line: read.line, path: '', expected: 'YAML', found: read.message }]);
  const problems: BlueprintProblem[] = [];
  const note = (path: readonly PathStep[], expected: string): void =>
    void (
      problems.length < BLUEPRINT_PROBLEMS_MAX &&
      problems.push({ line: read.lineOf(path), path: pathText(path), expected })
    );
  const sections = sectionsOf(read.json, note);
  const entries = PARTS_IN_ORDER.flatMap((part) => {
    const section = sections[part.noun];
    if (section === undefined || section === null) return [];
    if (part.noun === 'organisation')
      return judged(part.shape, section, ['organisation'], 'organisation', part.noun, note);
    if (!isObject(section)) {
      note([part.noun], 'names, each with what it is');
      return [];
    }
    return Object.entries(section).flatMap(([name, given]) => {
      const place = [part.noun, name];
      const fault = part.nameShape?.safeParse(name).error?.issues[0];
      if (fault) note(place, `a name: ${fault.message}`);
      return judged(part.shape, given ?? {}, place, name, part.noun, note);
    });
  });
  if (problems.length > 0) throw invalid(problems);
  return { entries, located: (entry, failure) => located(read, entry, failure) };
}

function sectionsOf(
  json: unknown,
  note: (path: readonly PathStep[], expected: string) => void,
): Record<string, unknown> {
  if (!isObject(json)) {
    note([], `a document that begins with "manis: ${BLUEPRINT_VERSION}"`);
    return {};
  }
  const { manis, ...sections } = json;
  if (manis !== BLUEPRINT_VERSION) note(['manis'], `manis: ${BLUEPRINT_VERSION}, the version of the language`);
  const known = PARTS_IN_ORDER.map(({ noun }) => noun as string);
  // Keys that begin so are for anchors, as in compose files.
  for (const key of Object.keys(sections))
    if (!known.includes(key) && !key.startsWith('x-')) note([key], `one of ${known.join(', ')}, or x-... for anchors`);
  return sections;
}

function judged(
  shape: z.ZodType,
  given: unknown,
  place: readonly PathStep[],
  name: string,
  noun: NounName,
  note: (path: readonly PathStep[], expected: string) => void,
): Entry[] {
  const parsed = shape.safeParse(given);
  if (parsed.success) return [{ noun, name, given: parsed.data }];
  for (const issue of parsed.error.issues) noteIssue(issue, place, note);
  return [];
}

/** An unknown key is a mistake where the key is. */
function noteIssue(
  issue: z.core.$ZodIssue,
  place: readonly PathStep[],
  note: (path: readonly PathStep[], expected: string) => void,
): void {
  const path = [...place, ...(issue.path as PathStep[])];
  if (issue.code !== 'unrecognized_keys') note(path, issue.message.replace(/^Invalid (?:input|option): expected /, ''));
  else for (const key of issue.keys) note([...path, key], 'another key: this one is unknown');
}

function located(read: Found, { noun, name }: Pick<Entry, 'noun' | 'name'>, failure: ControlFailure): ControlFailure {
  const place = noun === 'organisation' ? [noun] : [noun, name];
  const { problems: inner = [], ...extra } = failure.extra as {
    readonly problems?: readonly { readonly path: string; readonly expected: string; readonly found?: string }[];
  };
  const list = inner.length > 0 ? inner : [{ path: '', expected: failure.message }];
  const problems = list.map(({ path, expected, found }) => {
    const whole = [...place, ...stepsOf(path)];
    return { line: read.lineOf(whole), path: pathText(whole), expected, ...(found !== undefined && { found }) };
  });
  return new ControlFailure(failure.code, `${pathText(place)}: ${failure.message}`, { ...extra, problems });
}

function invalid(problems: readonly BlueprintProblem[]): ControlFailure {
  const [first] = problems;
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
  const text = first
    ? `line ${first.line}: ${first.path ? `${first.path}: ` : ''}expected ${first.expected}${more}`
    : '';
  return new ControlFailure('blueprint-invalid', text, { problems: [...problems] });
}

function pathText(path: readonly PathStep[]): string {
  return path.map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`)).join('');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
