import { z } from 'zod';
import { isHeaderText, isMailAddress } from '../../io/mail/mail-address.ts';
import { MailFailure } from '../../io/mail/send-mail.ts';
import {
  deleteMailSettings,
  findMailSettings,
  firstOrganisation,
  type MailSettingsTable,
  putMailSettings,
  type StoreTransaction,
} from '../../io/store/index.ts';
import { audit, publishChange } from '../change.ts';
import { MAIL_TESTS_MAX } from '../constants.ts';
import type { Control } from '../control.ts';
import { renderLetter } from '../mail/letter.ts';
import { passwordPlace } from '../mail/mailer.ts';
import { testLetter } from '../mail/texts.ts';
import { ControlFailure } from '../problems.ts';
import { type Api, type ApiContext, accountOf, principalOf } from './api.ts';
import { MAIL_REFUSALS } from './refusals.ts';
import { nothing, unixMs } from './schemas.ts';

const mailAddress = z.string().refine(isMailAddress, 'an address such as manis@example.com');
const headerText = z.string().refine((text) => isHeaderText(text, 100), 'one line of at most 100 characters');
const host = z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'a host name or an address');
const security = z.enum(['starttls', 'tls', 'none']);

const mailSettings = z.object({
  host: z.string(),
  port: z.number().int(),
  security: security.describe('none is for a mail server on the same machine, and takes no credentials'),
  userName: z.string().nullable(),
  hasPassword: z.boolean().describe('the password itself is never told'),
  fromAddress: z.string(),
  fromName: z.string(),
  caPem: z.string().nullable().describe("authority to trust in place of the system's"),
  codeSignIn: z.boolean().describe('users may sign in with a mailed code in place of their password'),
  deviceNotices: z.boolean().describe('users are told of sign-ins from a device that they have not used before'),
  updatedUnixMs: unixMs,
});

const newSettings = z.strictObject({
  host,
  port: z.number().int().min(1).max(65_535).optional().describe('left out: 587, 465 or 25, by `security`'),
  security: security.default('starttls'),
  userName: z.string().min(1).max(256).nullable().default(null),
  password: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .describe('left out: the present one stays, where it goes to the same server under the same name'),
  fromAddress: mailAddress,
  fromName: headerText.optional().describe('left out: the name of the organisation'),
  caPem: z.string().max(65_536).nullable().default(null),
  codeSignIn: z.boolean().default(false),
  deviceNotices: z.boolean().default(false),
});

const DEFAULT_PORTS = { starttls: 587, tls: 465, none: 25 } as const;

export function mailRoutes(api: Api, context: ApiContext): void {
  readMailRoutes(api, context);
  changeMailRoutes(api, context);
  testMailRoutes(api, context);
}

function readMailRoutes(api: Api, { control }: ApiContext): void {
  api.get(
    '/mail',
    {
      config: { access: 'installation.read', refusals: ['mail-not-set'] },
      schema: { tags: ['mail'], summary: 'How mails leave', response: { 200: mailSettings } },
    },
    async () => item(await mustFind(control)),
  );
}

function changeMailRoutes(api: Api, { control }: ApiContext): void {
  const tags = ['mail'];

  api.put(
    '/mail',
    {
      config: { access: 'installation.write', refusals: ['mail-password-needed', 'mail-settings-invalid'] },
      schema: {
        tags,
        summary: 'Say how mails leave; what is left out has its default, but for the password',
        body: newSettings,
        response: { 200: mailSettings },
      },
    },
    async (request) => {
      const { body } = request;
      const row = await publishChange(control, principalOf(request), async (transaction) => {
        const next = await rowOf(control, transaction, body);
        await putMailSettings(transaction, next);
        const { password: _password, ...detail } = body;
        const note = { ...detail, password: body.password !== undefined };
        return { value: next, note: { action: 'mail.set', subject: next.organisation_id, detail: note } };
      });
      control.mailer.wake();
      return item(row);
    },
  );

  api.delete(
    '/mail',
    {
      config: { access: 'installation.write', refusals: ['mail-not-set'] },
      schema: { tags, summary: 'Mail nothing any more', response: { 204: nothing } },
    },
    async (request, reply) => {
      const { organisationId } = control;
      await publishChange(control, principalOf(request), async (transaction) => {
        if (!(await deleteMailSettings(transaction, organisationId))) throw notSet();
        return { value: undefined, note: { action: 'mail.remove', subject: organisationId } };
      });
      return reply.code(204).send(null);
    },
  );
}

function testMailRoutes(api: Api, { control }: ApiContext): void {
  api.post(
    '/mail/test',
    {
      config: {
        access: 'installation.write',
        refusals: ['mail-not-set', 'mail-password-needed', 'mail-rate-limited', ...MAIL_REFUSALS],
      },
      schema: {
        tags: ['mail'],
        summary: 'Send a test mail now, and say what the mail server answered',
        body: z.strictObject({ to: mailAddress.optional().describe('left out: to you') }),
        response: { 200: z.object({ to: z.string() }) },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const account = accountOf(request);
      const to = request.body.to ?? account.email;
      await mustFind(control);
      const server = await control.mailer.serverOf(control.organisationId);
      if (!server)
        throw new ControlFailure('mail-password-needed', 'the password cannot be read any more; set it anew');
      const limit = await control.limits.count(`mail-test:${account.id}`, MAIL_TESTS_MAX);
      if (limit)
        throw new ControlFailure('mail-rate-limited', 'too many test mails; try again later', {
          retryAfterMs: limit.waitMs,
        });
      const organisation = await firstOrganisation(control.store.database);
      const letter = renderLetter(testLetter(organisation?.name ?? 'Manis'));
      const told = (outcome: string) =>
        audit(control, control.store.database, principal, { action: 'mail.test', subject: to, outcome });
      try {
        await control.mailer.sendNow(server, to, letter);
      } catch (error) {
        await told(error instanceof MailFailure ? error.code : 'failed');
        throw error;
      }
      await told('done');
      return { to };
    },
  );
}

async function rowOf(
  control: Control,
  transaction: StoreTransaction,
  body: z.output<typeof newSettings>,
): Promise<MailSettingsTable> {
  const { organisationId, clock } = control;
  const before = await findMailSettings(transaction, organisationId);
  const organisation = await firstOrganisation(transaction);
  const where = {
    host: body.host,
    port: body.port ?? DEFAULT_PORTS[body.security],
    security: body.security,
    user_name: body.userName,
    ca_pem: body.caPem,
  };
  return {
    organisation_id: organisationId,
    ...where,
    password: passwordFor(control, before, where, body.password),
    from_address: body.fromAddress,
    from_name: body.fromName ?? organisation?.name ?? 'Manis',
    code_sign_in: body.codeSignIn ? 1 : 0,
    device_notices: body.deviceNotices ? 1 : 0,
    updated_unix_ms: Math.round(clock.unixMs()),
  };
}

type Whereto = Pick<MailSettingsTable, 'host' | 'port' | 'security' | 'user_name' | 'ca_pem'>;

/** A password that is kept goes nowhere but where it went before: else whoever may set the server could read it there. */
function passwordFor(
  { keys, organisationId }: Control,
  before: MailSettingsTable | undefined,
  where: Whereto,
  given: string | undefined,
): string | null {
  if (where.user_name === null) {
    if (given === undefined) return null;
    throw new ControlFailure('mail-settings-invalid', 'password: there is no user name to send it with');
  }
  if (where.security === 'none')
    throw new ControlFailure('mail-settings-invalid', 'security: credentials are sent over TLS alone');
  if (given !== undefined) return keys.sealing.seal(given, passwordPlace(organisationId));
  const isSame = (Object.keys(where) as (keyof Whereto)[]).every((field) => before?.[field] === where[field]);
  if (before?.password && isSame) return before.password;
  throw new ControlFailure('mail-password-needed', 'password: give it again, since it would go elsewhere than before');
}

async function mustFind({ store, organisationId }: Control): Promise<MailSettingsTable> {
  const row = await findMailSettings(store.database, organisationId);
  if (!row) throw notSet();
  return row;
}

function notSet(): ControlFailure {
  return new ControlFailure('mail-not-set', 'no mail server is set, so nothing can be mailed');
}

function item(row: MailSettingsTable): z.output<typeof mailSettings> {
  return {
    host: row.host,
    port: row.port,
    security: row.security,
    userName: row.user_name,
    hasPassword: row.password !== null,
    fromAddress: row.from_address,
    fromName: row.from_name,
    caPem: row.ca_pem,
    codeSignIn: row.code_sign_in === 1,
    deviceNotices: row.device_notices === 1,
    updatedUnixMs: row.updated_unix_ms,
  };
}
