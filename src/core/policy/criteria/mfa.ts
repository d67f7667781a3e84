import type { Criterion } from '../criterion.ts';
import { readDuration, readObject } from '../problem.ts';
import { False, MaybeAfterSignIn, True, truthOf } from '../truth.ts';

/** `true`: a second factor was given; with an age, not longer ago than that. */
export type MfaConfig = true | { readonly maximumAgeMs: number };

/** Whether a second factor, or one that stands for two, was given. */
export const mfa: Criterion<MfaConfig> = {
  expects: 'true, or an object with maximumAgeMs',
  parse(json, path, list) {
    if (json === true) return json;
    if (typeof json !== 'object') return list.note(path, 'true, or an object with maximumAgeMs', json);
    const object = readObject(json, path, ['maximumAgeMs'], list);
    if (!object) return undefined;
    if (object['maximumAgeMs'] === undefined) return list.note(`${path}.maximumAgeMs`, 'milliseconds', undefined);
    const maximumAgeMs = readDuration(object['maximumAgeMs'], `${path}.maximumAgeMs`, list);
    return maximumAgeMs === undefined ? undefined : { maximumAgeMs };
  },
  compile(config) {
    const maximumAgeMs = config === true ? Number.POSITIVE_INFINITY : config.maximumAgeMs;
    return ({ nowUnixMs }, subject) => {
      if (subject === undefined) return MaybeAfterSignIn;
      if (!subject.mfa) return False;
      if (config === true) return True;
      // A session that does not say when its factor was given had it when it began.
      return truthOf(nowUnixMs - (subject.mfaAtUnixMs ?? subject.authenticatedAtUnixMs) <= maximumAgeMs);
    };
  },
};
