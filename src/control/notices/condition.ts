export const CONDITION_KINDS = ['site', 'pop', 'target', 'certificate', 'sign-ins'] as const;
export type ConditionKind = (typeof CONDITION_KINDS)[number];

/** How something is that people want to hear of. */
export interface Condition {
  readonly kind: ConditionKind;
  readonly subjectId: string;
  /** Whose it is; null: it is of all organisations. */
  readonly organisationId: string | null;
  readonly name: string;
  /** By name; undefined: it is well. */
  readonly reason: string | undefined;
}

/** The same thing has the same id at every look. */
export function conditionId({ kind, organisationId, subjectId }: Condition): string {
  return `${kind} ${organisationId ?? '-'} ${subjectId}`;
}
