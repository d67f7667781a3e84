/** What the simulator is asked, as its form holds it, and as the API takes it. */
import type { paths } from '../../../api/client.ts';
import { type Policy, trimmed } from './policy-model.ts';

type Body = NonNullable<paths['/policy/simulate']['post']['requestBody']>['content']['application/json'];
export type Verdict = paths['/policy/simulate']['post']['responses'][200]['content']['application/json'];
export type Who = 'nobody' | 'user' | 'anybody' | 'guest' | 'holder';

export interface Question {
  readonly who: Who;
  readonly userIds: readonly string[];
  readonly email: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly held: string;
  readonly methods: readonly string[];
  readonly mfa: boolean;
  readonly known: '' | 'known' | 'approved';
  readonly method: string;
  readonly path: string;
  readonly address: string;
  readonly countries: readonly string[];
  readonly time: string;
  readonly deviceKind: string;
  readonly os: string;
  readonly browser: string;
}

export const FIRST_QUESTION: Question = {
  ...{ who: 'nobody', userIds: [], email: '', roles: [], groups: [], held: 'pin' },
  ...{ methods: ['password'], mfa: false, known: '', method: 'GET', path: '/', address: '', countries: [] },
  ...{ time: '', deviceKind: '', os: '', browser: '' },
};

/** Rules that are not saved: of the application, or those before all. */
export interface Drafts {
  readonly policy?: Policy | undefined;
  readonly organisationPolicy?: Policy | undefined;
}

export function bodyOf(question: Question, resourceId: string, drafts: Drafts): Body {
  const { method, path, address, countries, time, deviceKind: kind, os, browser } = question;
  const who = whoOf(question);
  const device = trimmed({ kind, os, browser });
  return {
    ...{ resourceId, method, path: path === '' ? '/' : path },
    ...trimmed(drafts),
    ...(address.trim() !== '' && { address: address.trim() }),
    ...(countries[0] !== undefined && { place: { country: countries[0] } }),
    ...(time !== '' && { time: new Date(time).toISOString() }),
    ...(Object.keys(device).length > 0 && { device: device as NonNullable<Body['device']> }),
    ...(who && { who }),
  };
}

function whoOf(question: Question): Body['who'] {
  const { who, userIds, email, roles, groups, held, methods, mfa, known } = question;
  const proofs = { methods, mfa, ...(known !== '' && { device: known }) };
  switch (who) {
    case 'nobody':
      return undefined;
    case 'user':
      return { kind: 'user', user: userIds[0] ?? '', ...proofs } as Body['who'];
    case 'anybody':
      return { kind: 'anybody', email, roles, groups, ...proofs } as Body['who'];
    case 'guest':
      return { kind: 'guest', email };
    case 'holder':
      return { kind: 'holder', method: held } as Body['who'];
  }
}
