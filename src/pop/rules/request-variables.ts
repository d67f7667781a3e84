import { assertNever } from '../../base/index.ts';
import type { Variable } from '../../core/http-rules/index.ts';
import { recordKey } from '../../core/link/index.ts';
import { encodeIdentityValue } from '../../core/routing/index.ts';
import { subjectId } from '../../core/session/index.ts';
import type { AtResource } from '../door.ts';
import type { AdmittedRequest } from '../serving.ts';

type Known = Pick<AdmittedRequest, 'context' | 'view' | 'resource' | 'signedIn'>;

/** What templates may say of a request; empty where there is nothing to say. */
export function requestVariable({ context, view, resource, signedIn }: Known, popId: string, name: Variable): string {
  switch (name) {
    case 'user.id':
      return signedIn ? subjectId(signedIn.claims.subject) : '';
    case 'user.email':
      return signedIn?.subject.email ?? '';
    case 'user.name':
      return signedIn?.user?.record.name ?? '';
    case 'user.roles':
      return (signedIn?.subject.roles ?? []).map((role) => encodeIdentityValue(role).replaceAll(',', '%2C')).join(',');
    case 'request.id':
      return context.requestId;
    case 'client.address':
    case 'request.method':
    case 'host':
    case 'path':
    case 'query':
    case 'resource.name':
      return factOfRequest({ context, resource }, name);
    case 'pop.name': {
      const pop = view.state.records.get(recordKey({ kind: 'pop', id: popId }));
      return pop?.kind === 'pop' ? pop.name : '';
    }
    default:
      return assertNever(name);
  }
}

/** What there is to say before anybody knows who asks. */
export type RequestFact = Extract<
  Variable,
  'client.address' | 'request.method' | 'host' | 'path' | 'query' | 'resource.name'
>;

/** The same in rules and on pages of errors. */
export function factOfRequest(
  { context, resource }: Pick<AtResource, 'context' | 'resource'>,
  name: RequestFact,
): string {
  switch (name) {
    case 'client.address':
      return context.clientAddressText;
    case 'request.method':
      return context.method;
    case 'host':
      return context.host;
    case 'path':
      return context.target.path;
    case 'query':
      return context.target.query;
    case 'resource.name':
      return resource.record.name;
    default:
      return assertNever(name);
  }
}
