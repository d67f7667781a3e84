/** Every command of the command line, in an order in which each finds what it speaks of. A new command needs a line here. */
import type { CommandCase, Elsewhere } from './command-case.ts';
import { LAST_PEOPLE_CASES, PEOPLE_CASES } from './people.ts';
import { LAST_PLACE_CASES, PLACE_CASES } from './places.ts';
import { LAST_PUBLISHING_CASES, PUBLISHING_CASES } from './publishing.ts';
import { RUNNING_CASES, TRY_CASES } from './running.ts';

export const COMMAND_CASES: readonly CommandCase[] = [
  ...TRY_CASES,
  ...PLACE_CASES,
  ...PUBLISHING_CASES,
  ...PEOPLE_CASES,
  ...RUNNING_CASES,
  ...LAST_PUBLISHING_CASES,
  ...LAST_PEOPLE_CASES,
  ...LAST_PLACE_CASES,
];

const program = (test: string): Elsewhere => ({ why: 'it runs until it is stopped', test });

export const ELSEWHERE: Readonly<Record<string, Elsewhere>> = {
  up: program('test/e2e/start.test.ts'),
  control: program('test/e2e/rolling.test.ts'),
  pop: program('test/e2e/join.test.ts'),
  'pop join': program('test/e2e/join.test.ts'),
  connector: program('test/e2e/join.test.ts'),
  'connector join': program('test/e2e/join.test.ts'),
  try: program('test/e2e/try.test.ts'),
  'access tcp': program('src/cli/access/access-tcp.test.ts'),
  login: { why: 'somebody types its code into a browser', test: 'test/e2e/login.test.ts' },
  doctor: { why: 'it measures the way to points of presence', test: 'test/e2e/join.test.ts' },
  'store restore': { why: 'a store is empty or stopped then', test: 'src/io/store/archive/archive.test.ts' },
  'store copy': { why: 'a store is empty or stopped then', test: 'src/io/store/archive/archive.test.ts' },
};
