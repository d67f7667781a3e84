/** YAML (or JSON) as it was written: what it says, and in which line each part of it is. */
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { faultInTree, faultInWords } from './yaml-bounds.ts';
import { YAML_ALIASES_MAX } from './yaml-constants.ts';

export type PathStep = string | number;

export type ReadYaml =
  | { readonly ok: true; readonly json: unknown; readonly lineOf: (path: readonly PathStep[]) => number }
  | { readonly ok: false; readonly line: number; readonly message: string };

/** In time and memory that grow with the text, whatever it says: strangers hand it in, and nothing else is served meanwhile. */
export function readYaml(text: string): ReadYaml {
  const lines = new LineCounter();
  const excess = faultInWords(text);
  if (excess !== undefined) return { ok: false, line: 1, message: excess };
  // The parser's own look for keys that are there twice compares each with each, and its messages copy the line they are about.
  const document = parseDocument(text, { lineCounter: lines, merge: true, uniqueKeys: false, prettyErrors: false });
  const fault = document.errors[0] ?? faultInTree(document.contents);
  if (fault) return { ok: false, line: lines.linePos(fault.pos[0]).line, message: fault.message.split('\n')[0] ?? '' };
  try {
    const json: unknown = document.toJS({ maxAliasCount: YAML_ALIASES_MAX });
    return { ok: true, json, lineOf: (path) => lineOf(document, lines, path) };
  } catch (error) {
    return { ok: false, line: 1, message: error instanceof Error ? error.message : 'it cannot be read' };
  }
}

/** The line where a part is, or where the nearest thing around it is. */
function lineOf(document: ReturnType<typeof parseDocument>, lines: LineCounter, path: readonly PathStep[]): number {
  for (let length = path.length; length > 0; length--) {
    const around: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const start = startOf(around, path[length - 1] ?? '');
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}

/** Where a key, or an item of a list, begins. */
function startOf(around: unknown, step: PathStep): number | undefined {
  if (isMap(around)) {
    const pair = around.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const item: unknown = isSeq(around) && typeof step === 'number' ? around.items[step] : undefined;
  return isNode(item) ? item.range?.[0] : undefined;
}

/** `rules[2].when.country[0]` as steps. */
export function stepsOf(path: string): PathStep[] {
  return [...path.matchAll(/([^.[\]]+)/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step));
}
