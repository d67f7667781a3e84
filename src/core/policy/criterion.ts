import { AddressIndex } from './address-index.ts';
import type { PolicyContext, Subject } from './context.ts';
import { PathIndex } from './patterns/path-index.ts';
import type { ProblemList } from './problem.ts';
import type { Truth } from './truth.ts';

/** A condition ready to be asked; pure, and quick enough for every request. */
export type Test = (context: PolicyContext, subject: Subject | undefined) => Truth;

/** Indexes that all leaves of a policy fill and ask together. */
export interface SharedIndexes {
  readonly addresses: AddressIndex;
  readonly paths: PathIndex;
  /** Of patterns that do not tell capitals apart; asked with paths in lower case. */
  readonly foldedPaths: PathIndex;
  /** The organisation's lists by name. */
  readonly lists: ReadonlyMap<string, Test>;
}

export function newIndexes(lists: SharedIndexes['lists'] = new Map()): SharedIndexes {
  return { addresses: new AddressIndex(), paths: new PathIndex(), foldedPaths: new PathIndex(), lists };
}

/**
 * One kind of leaf of a condition, written `{ name: config }` in a policy. A new criterion is one file in `criteria/`
 * and one line in its registry.
 */
export interface Criterion<Config> {
  /** What the config looks like, for messages. */
  readonly expects: string;
  /** The config, or undefined with the problems noted. */
  parse(json: unknown, path: string, list: ProblemList): Config | undefined;
  /** It looks at what only a request over HTTP has: unknown of connections, and refused in their policies. */
  readonly asksRequest?: true;
  /** It looks at what is known of connections alone: refused in other policies. */
  readonly asksStream?: true;
  /** Work that is done once a policy: sets, split patterns, entries of the shared indexes. */
  compile(config: Config, shared: SharedIndexes): Test;
}
