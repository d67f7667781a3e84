/** What a place is asked to look up of a domain, and what it found. */

import { type Check, id, line, list, object, oneOf, optional, string } from './shape.ts';

export type DomainQuestionType = 'TXT' | 'CNAME' | 'NS' | 'A' | 'AAAA';

export interface DomainQuestion {
  readonly name: string;
  readonly type: DomainQuestionType;
  /** Asked of the servers of the zone above this one, which delegate it; left out: of the place's own resolver. */
  readonly above?: string;
}

export interface DomainAnswer extends DomainQuestion {
  /** In lower case, without a dot at the end; texts as they are. Empty: there is no such record. */
  readonly found: readonly string[];
  /** Why there is no answer: nobody knows then whether there is a record. */
  readonly problem?: string;
}

/** Questions of one message: the records of one domain. */
export const DOMAIN_QUESTIONS_MAX = 256;

const domainQuestion = {
  name: string(),
  type: oneOf('TXT', 'CNAME', 'NS', 'A', 'AAAA'),
  above: optional(string()),
} as const;
const domainAnswer: Check = object({ ...domainQuestion, found: list(line(), 64), problem: optional(line()) });

export const lookUpShape: Check = object({ id, questions: list(object(domainQuestion), DOMAIN_QUESTIONS_MAX) });
export const lookedUpShape: Check = object({ id, answers: list(domainAnswer, DOMAIN_QUESTIONS_MAX) });
