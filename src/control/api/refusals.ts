/** With which codes an operation may refuse: those of its kind, and those that its route declares besides. */
import type { PROBLEM_STATUSES } from '../problem-statuses.ts';

/** Every code that a problem document of the API can have. */
export type RefusalCode = keyof typeof PROBLEM_STATUSES;

/** What is known of an operation without looking at what it does. */
export interface OperationKind {
  readonly method: string;
  /** `/sites/:id` */
  readonly path: string;
  readonly isPublic: boolean;
}

/** What no route declares, because it comes of what stands in front of all of them. */
const OF_KINDS: readonly [when: (kind: OperationKind) => boolean, codes: readonly RefusalCode[]][] = [
  [
    () => true,
    [
      ...([
        'request-invalid',
        'internal',
        'store-unreadable',
        'store-read-only',
        'store-locked',
        'store-busy',
      ] as const),
      ...(['store-corrupt', 'store-newer', 'store-unavailable', 'store-authentication'] as const),
      ...(['store-permission', 'store-error'] as const),
    ],
  ],
  [
    ({ isPublic }) => !isPublic,
    [
      'authentication-required',
      'authentication-failed',
      'rights-missing',
      'organisation-missing',
      'organisation-unknown',
    ],
  ],
  [({ path }) => path.includes(':'), ['not-found']],
  [
    ({ method }) => method !== 'GET',
    [
      ...(['body-malformed', 'body-too-large', 'media-type-unsupported', 'store-disk-full'] as const),
      ...(['store-conflict', 'store-reference', 'store-value-invalid'] as const),
    ],
  ],
  [
    ({ method, isPublic }) => method !== 'GET' && !isPublic,
    ['origin-refused', 'owned-by-source', 'precondition-failed', 'precondition-invalid'],
  ],
  [
    ({ method, isPublic }) => method === 'POST' && !isPublic,
    [
      ...(['idempotency-key-invalid', 'idempotency-key-reused', 'idempotency-in-progress'] as const),
      ...(['idempotency-keys-too-many', 'idempotency-answer-lost'] as const),
    ],
  ],
];

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

/** Whatever an operation may refuse with. @param own is what its route declares. */
export function refusalsOf(kind: OperationKind, own: readonly RefusalCode[] = []): ReadonlySet<RefusalCode> {
  const common = OF_KINDS.filter(([when]) => when(kind)).flatMap(([, codes]) => codes);
  return new Set([...common, ...own]);
}
