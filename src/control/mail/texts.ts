/** Every mail, in its words: calm, short, and never more pressing than the matter. */
import { type Letter, nameInMail } from './letter.ts';

function footer(organisation: string, why: string): string {
  return `${organisation} · ${why}`;
}

export function testLetter(organisationName: string): Letter {
  const organisation = nameInMail(organisationName);
  return {
    subject: `Test mail from ${organisation}`,
    parts: ['This is a test. Mails from here arrive, and this is what they look like.'],
    footer: footer(organisation, 'An administrator asked for this test.'),
  };
}

export function codeLetter(organisationName: string, code: string, applicationName: string | undefined): Letter {
  const organisation = nameInMail(organisationName);
  const application = applicationName === undefined ? undefined : nameInMail(applicationName);
  return {
    subject: `Your code for ${application ?? organisation}`,
    parts: [
      application === undefined ? 'Your code to sign in:' : `Your code to sign in to ${application}:`,
      { kind: 'code', code },
      'It is good for ten minutes, in the browser window where you asked for it.',
      'You did not ask for it? Then somebody typed your address by mistake, and you need not do anything. Nobody can sign in without this code, so please show it to nobody.',
    ],
    footer: footer(organisation, 'This mail was sent because somebody asked for a code for this address.'),
  };
}

export function resetLetter(organisationName: string, url: string): Letter {
  const organisation = nameInMail(organisationName);
  return {
    subject: `Choose a new password for ${organisation}`,
    parts: [
      `Somebody, most likely you, asked for a new password for your ${organisation} account.`,
      { kind: 'link', label: 'Choose a new password', url },
      'The link works once, within 30 minutes. With the new password you sign in everywhere anew; your authenticator and your passkeys stay as they are.',
      'You did not ask for it? Then nothing has changed, and you need not do anything.',
    ],
    footer: footer(organisation, 'This mail was sent because somebody asked for a new password for this address.'),
  };
}

export function invitationLetter(organisationName: string, inviterName: string | undefined, url: string): Letter {
  const organisation = nameInMail(organisationName);
  const inviter = inviterName === undefined ? undefined : nameInMail(inviterName);
  return {
    subject: `You are invited to ${organisation}`,
    parts: [
      inviter === undefined ? `You are invited to ${organisation}.` : `${inviter} invites you to ${organisation}.`,
      { kind: 'link', label: 'Accept the invitation', url },
      'The link works once. If you have an account with this address already, you are asked to sign in; else you choose a password.',
      'You know nothing of this? Then you need not do anything: without the link nobody joins in your name.',
    ],
    footer: footer(organisation, 'This mail was sent because somebody invited this address.'),
  };
}

const NOT_YOU = 'Was it not you? Then please tell your administrator, who can end your sessions and lock your account.';
const NOTICE = 'You get this mail so that nobody changes your account unseen.';

export function passwordLetter(organisationName: string): Letter {
  const organisation = nameInMail(organisationName);
  return {
    subject: `Your ${organisation} password was changed`,
    parts: [
      `The password of your ${organisation} account was changed. Sessions that were open elsewhere have ended.`,
      'Was it you? Then all is well.',
      NOT_YOU,
    ],
    footer: footer(organisation, NOTICE),
  };
}

export function factorLetter(
  organisationName: string,
  factor: 'passkey' | 'authenticator',
  factorName: string,
): Letter {
  const organisation = nameInMail(organisationName);
  const name = nameInMail(factorName);
  const what = factor === 'passkey' ? 'A passkey' : 'An authenticator app';
  return {
    subject: `${what} was added to your ${organisation} account`,
    parts: [
      `${what}${name === '' ? '' : ` (${name})`} was added to your ${organisation} account. It can be used to sign in from now on.`,
      'Was it you? Then all is well.',
      NOT_YOU,
    ],
    footer: footer(organisation, NOTICE),
  };
}

export function newDeviceLetter(
  organisationName: string,
  { device, clientAddress, at }: { readonly device: string; readonly clientAddress: string; readonly at: string },
): Letter {
  const organisation = nameInMail(organisationName);
  return {
    subject: `New sign-in to your ${organisation} account`,
    parts: [
      `Your ${organisation} account was used to sign in from a device that it was not used on before.`,
      `${nameInMail(device)}, from the address ${clientAddress}, on ${at}.`,
      'Was it you? Then all is well.',
      NOT_YOU,
    ],
    footer: footer(organisation, NOTICE),
  };
}
