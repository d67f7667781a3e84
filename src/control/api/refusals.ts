/** With which codes an operation may refuse: those of its kind, and those that its route declares besides. */
import { PROBLEM_STATUSES } from '../problem-statuses.ts';

/** Every code that a problem document of the API can have. */
export type RefusalCode = keyof typeof PROBLEM_STATUSES;

/** What is known of an operation without looking at what it does. */
export interface OperationKind {
  readonly method: string;
  /** `/sites/:id` */
  readonly path: string;
  readonly isPublic: boolean;
  /** It lists what can be sorted, so its pages end with cursors. */
  readonly isSorted: boolean;
}

/** What no route declares, because it comes of what stands in front of all of them. */
const OF_KINDS: readonly [when: (kind: OperationKind) => boolean, codes: readonly RefusalCode[]][] = [
  [
    () => true,
    [
      ...(['request-invalid', 'internal', 'store-unreadable', 'store-read-only', 'store-locked'] as const),
      ...(['store-busy', 'store-corrupt', 'store-newer', 'store-unavailable', 'store-authentication'] as const),
      ...(['store-permission', 'store-error'] as const),
    ],
  ],
  [
    ({ isPublic }) => !isPublic,
    [
      ...(['authentication-required', 'authentication-failed', 'rights-missing'] as const),
      ...(['organisation-missing', 'organisation-unknown', 'origin-refused'] as const),
    ],
  ],
  [({ path }) => path.includes(':'), ['not-found']],
  [({ isSorted }) => isSorted, ['store-cursor-invalid']],
  [
    isChange,
    [
      ...(['body-malformed', 'body-too-large', 'media-type-unsupported', 'store-disk-full'] as const),
      ...(['store-conflict', 'store-reference', 'store-value-invalid'] as const),
    ],
  ],
  [(kind) => isChange(kind) && !kind.isPublic, ['owned-by-source', 'precondition-failed', 'precondition-invalid']],
  [
    ({ method, isPublic }) => method === 'POST' && !isPublic,
    [
      ...(['idempotency-key-invalid', 'idempotency-key-reused', 'idempotency-in-progress'] as const),
      ...(['idempotency-keys-too-many', 'idempotency-answer-lost'] as const),
    ],
  ],
];

function isChange({ method }: OperationKind): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** What is wrong with a target by itself, or with the resource that it is for. */
export const TARGET_REFUSALS = ['listen-invalid', 'target-invalid', 'target-needs-address'] as const;

/** What is wrong with a resource, or stands against it. */
export const RESOURCE_REFUSALS = [
  ...(['host-invalid', 'host-reserved', 'host-taken', 'listen-invalid', 'policy-invalid', 'port-taken'] as const),
  ...(['provider-unknown', 'quota-reached', 'target-invalid'] as const),
];

/** What is wrong with an account, or stands against a change of it. */
export const ACCOUNT_REFUSALS = ['email-taken', 'password-weak', 'role-unknown', 'sign-in-busy'] as const;

/** What a mail server may bring about. */
export const MAIL_REFUSALS = [
  ...(['mail-malformed', 'mail-server-unreachable', 'mail-tls-failed', 'mail-credentials-refused'] as const),
  ...(['mail-refused', 'mail-put-off'] as const),
];

/** What an identity provider may bring about. */
export const PROVIDER_REFUSALS = [
  ...(['provider-unreachable', 'provider-address-refused', 'provider-answer-refused'] as const),
  ...(['provider-issuer-wrong', 'provider-client-refused', 'provider-error'] as const),
];

/** What a provider of zones may bring about. */
export const DNS_PROVIDER_REFUSALS = [
  ...(['dns-provider-unreachable', 'dns-provider-denied', 'dns-provider-zone-unknown'] as const),
  ...(['dns-provider-busy', 'dns-provider-refused', 'provider-address-refused'] as const),
];

/** What a route declares. */
interface Declaration {
  readonly access: string | undefined;
  readonly refusals: readonly RefusalCode[];
  readonly refusesLike: ReadonlySet<string> | undefined;
}

/** With which codes the operations of the API may refuse: known in full when all of its routes are. */
export class Refusals {
  readonly #changes: Declaration[] = [];
  readonly #open: { readonly codes: Set<RefusalCode>; readonly like: ReadonlySet<string> }[] = [];

  /** Gives all codes of an operation; `complete` may add some. */
  add(kind: OperationKind, declared: Declaration): ReadonlySet<RefusalCode> {
    const common = OF_KINDS.filter(([when]) => when(kind)).flatMap(([, codes]) => codes);
    const codes = new Set([...common, ...declared.refusals]);
    if (declared.refusesLike) this.#open.push({ codes, like: declared.refusesLike });
    else if (isChange(kind)) this.#changes.push(declared);
    return codes;
  }

  /** What does the work of other operations within a transaction asks nobody else's server, and has their other codes. */
  complete(): void {
    for (const { codes, like } of this.#open)
      for (const { access, refusals } of this.#changes)
        if (access !== undefined && like.has(access))
          for (const code of refusals) if (PROBLEM_STATUSES[code] !== 502) codes.add(code);
  }
}
