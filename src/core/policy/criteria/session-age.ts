import type { Criterion } from '../criterion.ts';
import { readDuration, readObject } from '../problem.ts';
import { MaybeAfterSignIn, truthOf } from '../truth.ts';

/** Whether the last proof of identity is not older than that. */
export const sessionAge: Criterion<{ readonly maximumMs: number }> = {
  expects: 'an object with maximumMs',
  parse(json, path, list) {
    const object = readObject(json, path, ['maximumMs'], list);
    if (!object) return undefined;
    if (object['maximumMs'] === undefined) return list.note(`${path}.maximumMs`, 'milliseconds', undefined);
    const maximumMs = readDuration(object['maximumMs'], `${path}.maximumMs`, list);
    return maximumMs === undefined ? undefined : { maximumMs };
  },
  compile({ maximumMs }) {
    return ({ nowUnixMs }, subject) =>
      subject === undefined ? MaybeAfterSignIn : truthOf(nowUnixMs - subject.authenticatedAtUnixMs <= maximumMs);
  },
};
