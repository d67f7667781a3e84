import { utcMinute } from '../../base/index.ts';
import {
  firstOrganisation,
  type PortalSessionsTable,
  type Queries,
  type UsersTable,
  userAgentsBefore,
} from '../../io/store/index.ts';
import { DEVICE_TEXT_MAX_CHARS, DEVICES_LOOKED_AT, MAIL_NOTICE_LIFE_MS } from '../constants.ts';
import type { Control } from '../control.ts';
import { type Letter, renderLetter } from './letter.ts';
import { factorLetter, newDeviceLetter, passwordLetter } from './texts.ts';

type Told = Pick<UsersTable, 'email' | 'name'>;

/** Tells somebody that their password is another one; in the transaction that changes it, `mailer.wake` after it. */
export function passwordChanged(control: Control, queries: Queries, user: Told): Promise<void> {
  return notice(control, queries, user, (organisation) => passwordLetter(organisation));
}

/** Tells somebody that their account has another way to be proved: `factor` is `passkey` or `authenticator`. */
export function factorAdded(
  control: Control,
  queries: Queries,
  user: Told,
  factor: 'passkey' | 'authenticator',
  name: string,
): Promise<void> {
  return notice(control, queries, user, (organisation) => factorLetter(organisation, factor, name));
}

/**
 * Tells somebody of a session that began on a device which they have not used before, where the organisation wants that.
 * Devices are told apart by what their browsers say of themselves, without versions, which change every few weeks; the first
 * session of all is no news.
 */
export async function noticeNewDevice(control: Control, user: UsersTable, session: PortalSessionsTable): Promise<void> {
  const { store, mailer, organisationId } = control;
  const settings = await mailer.settingsOf(store.database, organisationId);
  if (settings?.device_notices !== 1) return;
  const before = await userAgentsBefore(store.database, user.id, session.id, DEVICES_LOOKED_AT);
  const device = deviceOf(session.user_agent);
  if (before.length === 0 || before.some((userAgent) => deviceOf(userAgent) === device)) return;
  const at = `${utcMinute(control.clock.unixMs())} UTC`;
  const { client_address: clientAddress } = session;
  const letter = (organisation: string) =>
    newDeviceLetter(organisation, { device: device === '' ? 'A program' : device, clientAddress, at });
  await notice(control, store.database, user, letter);
  mailer.wake();
}

/** `Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0` -> `Mozilla (X11; Linux x) Chrome` */
function deviceOf(userAgent: string): string {
  return userAgent.replace(/[/ ]?\d[\d._]*/g, '').slice(0, DEVICE_TEXT_MAX_CHARS);
}

async function notice(
  { mailer, organisationId }: Control,
  queries: Queries,
  { email }: Told,
  write: (organisation: string) => Letter,
): Promise<void> {
  if (!(await mailer.settingsOf(queries, organisationId))) return;
  const organisation = await firstOrganisation(queries);
  const letter = renderLetter(write(organisation?.name ?? 'Manis'));
  await mailer.add(queries, { organisationId, purpose: 'notice', to: email, letter, livesMs: MAIL_NOTICE_LIFE_MS });
}
