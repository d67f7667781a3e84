import type { Criterion } from '../criterion.ts';
import { MaybeAfterSignIn, truthOf } from '../truth.ts';

/** Whether the browser proved to be a device that the user made known; `approved`: and an administrator approved of it. */
export const knownDevice: Criterion<'known' | 'approved'> = {
  expects: '"known" or "approved"',
  parse: (json, path, list) =>
    json === 'known' || json === 'approved' ? json : list.note(path, '"known" or "approved"', json),
  compile(wanted) {
    return (_context, subject) => {
      if (subject === undefined) return MaybeAfterSignIn;
      const { device } = subject;
      return truthOf(device?.known === true && (wanted === 'known' || device.approved));
    };
  },
};
