/** Signing in a program with a code that a person types into their browser (RFC 8628, in the words of this API). */
import type { Random } from '../../base/index.ts';
import { addressGroup, addressNetwork } from '../../io/address-group.ts';
import { hashSecret, newSecret } from '../../io/secrets.ts';
import {
  type ApiTokensTable,
  askedProgramSignIn,
  countProgramSignIns,
  decideWaitingProgramSignIn,
  deleteEndedProgramSignIns,
  deleteProgramSignIn,
  deleteProgramSignIns,
  findProgramSignIn,
  findUser,
  insertApiToken,
  insertProgramSignIn,
  type ProgramSignInsTable,
  type StoreTransaction,
  waitingProgramSignIns,
} from '../../io/store/index.ts';
import { change } from '../change.ts';
import type { Control } from '../control.ts';
import type { OwnSession } from '../factors/asker.ts';
import { assertMayEnrol } from '../factors/enrolment.ts';
import { actorOf } from '../factors/second-step.ts';
import { newId } from '../ids.ts';
import { ControlFailure } from '../problems.ts';
import {
  PROGRAM_ASK_INTERVAL_MS,
  PROGRAM_CODE_LIFE_MS,
  PROGRAM_CODES_PER_ACCOUNT,
  PROGRAM_SIGN_INS_CROWDED_OUT,
  PROGRAM_SIGN_INS_MAX,
  PROGRAM_SIGN_INS_PER_ADDRESS,
  PROGRAM_SIGN_INS_PER_NETWORK,
  PROGRAM_TOKEN_IDLE_MS,
} from './constants.ts';
import { crowdedOut } from './crowded-out.ts';

/** Consonants that are no other letter upside down or badly printed; without vowels there are no words (RFC 8628 section 6.1). */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const CODE_CHARS = 8;
/** One machine with itself, whichever family it speaks. */
const THIS_MACHINE: ReadonlySet<string> = new Set(['127.0.0.1', '::1']);

export interface BegunProgramSignIn {
  readonly row: ProgramSignInsTable;
  /** What the program asks with. */
  readonly secret: string;
  /** What the person types, as `BCDF-GHJK`. */
  readonly code: string;
}

/** Somebody's program wants to be signed in; nobody knows yet whose. Failures `sign-in-rate-limited`, `sign-in-busy`. */
export async function beginProgramSignIn(
  control: Control,
  asked: { readonly program: string; readonly computer: string; readonly clientAddress: string },
): Promise<BegunProgramSignIn> {
  const { clock, random, store, limits } = control;
  const { clientAddress } = asked;
  const limit =
    (await limits.count(`programs:${addressGroup(clientAddress)}`, PROGRAM_SIGN_INS_PER_ADDRESS)) ??
    (await limits.count(`program-network:${addressNetwork(clientAddress)}`, PROGRAM_SIGN_INS_PER_NETWORK));
  if (limit) throw tooMany(limit.waitMs);
  const nowUnixMs = Math.round(clock.unixMs());
  const [secret, code] = [newSecret('mnd', random), newCode(random)];
  const row: ProgramSignInsTable = {
    ...{ id: newId('prg', clock, random), secret_hash: hashSecret(secret), code_hash: hashSecret(code) },
    ...{ program: asked.program, computer: asked.computer, client_address: clientAddress },
    ...{ user_id: null, state: 'waiting', created_unix_ms: nowUnixMs },
    ...{ expires_unix_ms: nowUnixMs + PROGRAM_CODE_LIFE_MS, asked_unix_ms: 0 },
  };
  await store.transaction(async (transaction) => {
    await deleteEndedProgramSignIns(transaction, nowUnixMs);
    await makeRoom(transaction);
    await insertProgramSignIn(transaction, row);
  });
  return { row, secret, code: `${code.slice(0, 4)}-${code.slice(4)}` };
}

/** Where there is none, those make some who have most: nobody fills it for everybody. */
async function makeRoom(transaction: StoreTransaction): Promise<void> {
  if ((await countProgramSignIns(transaction)) < PROGRAM_SIGN_INS_MAX) return;
  const out = crowdedOut(await waitingProgramSignIns(transaction), PROGRAM_SIGN_INS_CROWDED_OUT);
  if (out.length === 0)
    throw new ControlFailure('sign-in-busy', 'too many programs wait to be signed in; try again in a few minutes');
  await deleteProgramSignIns(transaction, out);
}

/**
 * The token, once, where somebody signed the program in. Failures `sign-in-pending`, `sign-in-too-often`,
 * `sign-in-refused`, `sign-in-code-unknown`.
 */
export async function takeProgramToken(
  control: Control,
  secret: string,
  clientAddress: string,
): Promise<{ readonly token: string; readonly row: ApiTokensTable }> {
  const { store, clock, random } = control;
  const nowUnixMs = Math.round(clock.unixMs());
  const waiting = await findProgramSignIn(store.database, { secret_hash: hashSecret(secret) });
  if (!waiting || waiting.expires_unix_ms <= nowUnixMs) throw codeUnknown('the code has expired; begin anew');
  if (waiting.state === 'refused')
    throw new ControlFailure('sign-in-refused', 'the sign-in was refused in the browser');
  const { user_id: userId } = waiting;
  if (waiting.state === 'waiting' || userId === null) return refuseToHurry(control, waiting, nowUnixMs);
  const actor = { name: `user:${userId}`, clientAddress };
  return change(control, actor, async (transaction) => {
    const user = await findUser(transaction, userId);
    if (!user || user.disabled === 1 || !(await deleteProgramSignIn(transaction, waiting.id)))
      throw codeUnknown('the code has been used; begin anew');
    const token = newSecret('mna', random);
    const row: ApiTokensTable = {
      ...{ id: newId('tok', clock, random), token_hash: hashSecret(token), user_id: userId },
      ...{ name: nameOf(waiting), created_unix_ms: nowUnixMs, expires_unix_ms: nowUnixMs + PROGRAM_TOKEN_IDLE_MS },
      ...{ last_used_unix_ms: nowUnixMs, idle_ms: PROGRAM_TOKEN_IDLE_MS, session_epoch: user.session_epoch },
    };
    await insertApiToken(transaction, row);
    const detail = { name: row.name, userId, program: waiting.program, computer: waiting.computer };
    return { value: { token, row }, note: { action: 'api-token.add', subject: row.id, detail } };
  });
}

/** Nobody has decided yet. A program that asks more often than it was told is told so (RFC 8628 section 3.5). */
async function refuseToHurry(control: Control, waiting: ProgramSignInsTable, nowUnixMs: number): Promise<never> {
  await askedProgramSignIn(control.store.database, waiting.id, nowUnixMs);
  if (nowUnixMs - waiting.asked_unix_ms < PROGRAM_ASK_INTERVAL_MS / 2)
    throw new ControlFailure('sign-in-too-often', 'ask less often');
  throw new ControlFailure('sign-in-pending', 'nobody has decided yet');
}

export type AddressRelation = 'same' | 'other' | 'other-family';

/** What the person is shown before they decide. */
export interface ShownProgramSignIn {
  readonly program: string;
  readonly computer: string;
  readonly clientAddress: string;
  readonly createdUnixMs: number;
  /** Whether the program is where the browser is. */
  readonly relation: AddressRelation;
}

/** Somebody who has just proved who they are typed a code. Failures `step-up-required`, `account-shared`, `sign-in-code-unknown`. */
export async function readProgramSignIn(asker: OwnSession, typed: string): Promise<ShownProgramSignIn> {
  const row = await typedSignIn(asker, typed);
  const { program, computer, client_address: clientAddress, created_unix_ms: createdUnixMs } = row;
  return { program, computer, clientAddress, createdUnixMs, relation: relationOf(row, asker) };
}

/** The same, who has looked at it and decided. */
export async function decideProgramSignIn(asker: OwnSession, typed: string, isApproved: boolean): Promise<void> {
  const row = await typedSignIn(asker, typed);
  const { control, user } = asker.visit;
  await change(control, actorOf(asker.visit), async (transaction) => {
    const state = isApproved ? 'approved' : 'refused';
    const now = await findUser(transaction, user.id);
    if (now?.session_epoch !== user.session_epoch) throw new ControlFailure('session-ended', 'sign in anew');
    if (!(await decideWaitingProgramSignIn(transaction, row.id, { state, user_id: user.id })))
      throw codeUnknown('it was decided already');
    const detail = { program: row.program, computer: row.computer, programAddress: row.client_address };
    const action = isApproved ? 'program-sign-in.approve' : 'program-sign-in.refuse';
    return { value: undefined, note: { action, subject: row.id, detail } };
  });
}

async function typedSignIn(asker: OwnSession, typed: string): Promise<ProgramSignInsTable> {
  await assertMayEnrol(asker);
  const { control, user } = asker.visit;
  const limit = await control.limits.count(`program-codes:${user.id}`, PROGRAM_CODES_PER_ACCOUNT);
  if (limit) throw tooMany(limit.waitMs);
  const code = typed.toUpperCase().replace(/[^A-Z]/g, '');
  const row = await findProgramSignIn(control.store.database, { code_hash: hashSecret(code) });
  if (row?.state !== 'waiting' || row.expires_unix_ms <= control.clock.unixMs())
    throw codeUnknown('there is no such code, or it has expired');
  return row;
}

function relationOf({ client_address: program }: ProgramSignInsTable, { visit }: OwnSession): AddressRelation {
  const browser = visit.origin.clientAddress;
  if (addressGroup(program) === addressGroup(browser)) return 'same';
  if (THIS_MACHINE.has(program) && THIS_MACHINE.has(browser)) return 'same';
  return program.includes(':') === browser.includes(':') ? 'other' : 'other-family';
}

function nameOf({ program, computer }: ProgramSignInsTable): string {
  return (computer === '' ? program : `${program} on ${computer}`).slice(0, 128);
}

function newCode(random: Random): string {
  let code = '';
  while (code.length < CODE_CHARS)
    for (const byte of random.bytes(CODE_CHARS))
      if (byte < 240 && code.length < CODE_CHARS) code += ALPHABET.charAt(byte % ALPHABET.length);
  return code;
}

function codeUnknown(text: string): ControlFailure {
  return new ControlFailure('sign-in-code-unknown', text);
}

function tooMany(retryAfterMs: number): ControlFailure {
  return new ControlFailure('sign-in-rate-limited', 'too many tries; wait a while', { retryAfterMs });
}
