/**
 * certificates: what is due when - renewals, tries after failures, looks at orders - how a name is proved, and in what
 * state a certificate is. It knows no directory and no store. Read `schedule.ts` first.
 */
export * from './certificate-state.ts';
export * from './challenge-choice.ts';
export * from './constants.ts';
export * from './schedule.ts';
