/** Why somebody whom the provider vouches for is not signed in. */
export type RefusalReason =
  | 'subject-missing'
  | 'user-disabled'
  | 'domain-refused'
  | 'email-missing'
  | 'email-unverified'
  | 'account-exists'
  | 'account-missing';

/** Whose account it is: one that knows this identity, one that it is linked to now, or a new one. */
export type IdentityVerdict =
  | { readonly kind: 'known'; readonly userId: string }
  | { readonly kind: 'link'; readonly userId: string }
  | { readonly kind: 'provision'; readonly email: string }
  | { readonly kind: 'refused'; readonly reason: RefusalReason };
