/** What a credential may open, and whether the policies there would let it. */
import type { SecretMethod } from '../../core/link/index.ts';
import { normaliseTarget, type Policy } from '../../core/policy/index.ts';
import { credentialsOpening, findResource, type ResourcesTable, type StoreTransaction } from '../../io/store/index.ts';
import { ControlFailure } from '../problems.ts';

/** Whether an enabled rule admits this kind of credential at all. */
export function admits(policy: Policy, method: SecretMethod): boolean {
  return policy.rules.some(({ enabled, then }) => {
    if (!enabled || then.kind !== 'authenticate' || then.anyOf === 'signed-in') return false;
    return then.anyOf.credentials?.includes(method) ?? false;
  });
}

/** The resources of these ids. Failures `resource-unknown`, `credential-taken`. */
export async function resourcesToOpen(
  transaction: StoreTransaction,
  credential: {
    readonly id: string;
    readonly organisation_id: string;
    readonly method: SecretMethod;
    readonly username: string | null;
  },
  resourceIds: readonly string[],
): Promise<ResourcesTable[]> {
  const resources: ResourcesTable[] = [];
  for (const resourceId of resourceIds) {
    const resource = await findResource(transaction, credential.organisation_id, resourceId);
    if (!resource)
      throw new ControlFailure('resource-unknown', `resourceIds: there is no resource ${JSON.stringify(resourceId)}`);
    resources.push(resource);
  }
  await refuseSecond(transaction, credential, resourceIds);
  return resources;
}

/**
 * A guess is judged against one secret: with two PINs at one resource it would be twice as likely right. Two of one
 * user name could not be told apart.
 */
async function refuseSecond(
  transaction: StoreTransaction,
  { id, method, username }: { readonly id: string; readonly method: SecretMethod; readonly username: string | null },
  resourceIds: readonly string[],
): Promise<void> {
  if (method === 'share-link' || method === 'service-token') return;
  const others = (await credentialsOpening(transaction, method, resourceIds)).filter((other) => other.id !== id);
  const rival = method === 'header' ? others.find((other) => other.username === username) : others[0];
  if (!rival) return;
  const what = method === 'header' ? `the user name ${JSON.stringify(username)}` : `a ${method}`;
  throw new ControlFailure(
    'credential-taken',
    `resource ${rival.resource_id} has ${what} already (${rival.id}); rotate or remove that one`,
  );
}

/** `/docs` of `/docs/`; null for everything. Failure `path-invalid` where no request could be below it. */
export function pathPrefixOf(text: string | null | undefined): string | null {
  if (text === null || text === undefined || text === '/' || text === '') return null;
  const prefix = text.replace(/\/+$/, '');
  if (!prefix.isWellFormed()) throw pathInvalid();
  const target = normaliseTarget(encodeURI(prefix).replaceAll('?', '%3F').replaceAll('#', '%23'));
  if (typeof target === 'string' || target.plainPath !== prefix || /[;\\?#%]/.test(prefix)) throw pathInvalid();
  return prefix;
}

function pathInvalid(): ControlFailure {
  return new ControlFailure('path-invalid', 'pathPrefix: a decoded path such as /docs, without ?, #, ;, // or ..');
}
