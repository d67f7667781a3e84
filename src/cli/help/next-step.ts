import type { Failure } from '../../base/index.ts';

/** What to do about a refusal, where its own words do not say. */
const NEXT_STEPS: Readonly<Record<string, string>> = {
  'authentication-failed': 'sign in again with "manis login", or give another --token',
  'rights-missing': '"manis whoami" shows what you may do; an owner gives roles with "manis member update"',
  'organisation-missing': 'an owner of an organisation can invite you with "manis invite add"',
  'server-unreachable': '"manis profile list" shows where you are signed in, "manis up" starts a network here',
  'policy-invalid': '"manis policy check FILE" shows every mistake with its line',
  'quota-reached': '"manis organisation change NAME --quota NOUN=N" raises it',
  'quick-tunnel-nowhere': '"manis domain add" adds a domain, and --host takes a whole name',
  'precondition-failed': 'look at it again, then repeat the command',
  'owned-by-source': 'change it where it comes from, such as the file that "manis apply" reads',
  'site-in-use': '"manis target list" shows which targets lead there',
};

/** Undefined where there is nothing to add: what control itself does not reach is nothing that is typed here. */
export function nextStepFor({ code, name }: Failure): string | undefined {
  if (code === 'server-unreachable' && name === 'ApiFailure') return undefined;
  return Object.hasOwn(NEXT_STEPS, code) ? NEXT_STEPS[code] : undefined;
}
