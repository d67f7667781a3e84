import { utcMinute } from '../../base/index.ts';
import { type Letter, nameInMail } from '../mail/letter.ts';
import type { Alert } from './notice-watch.ts';

const KINDS: Readonly<Record<string, string>> = {
  site: 'The site',
  pop: 'The PoP',
  target: 'The target',
  certificate: 'The certificate of',
};

const REASONS: Readonly<Record<string, string>> = {
  'no-tunnel': 'has no tunnel to any PoP',
  'no-link': 'is not linked with control',
  expiring: 'ends within a week and was not renewed',
  expired: 'has ended',
  'order-failing': 'could not be had again and again',
};

/** An alert by mail: what, since when, where to look. */
export function alertLetter(
  organisationName: string,
  ruleName: string,
  { state, condition }: Alert,
  consoleUrl: string,
): Letter {
  const rule = nameInMail(ruleName);
  const organisation = nameInMail(organisationName);
  const name = nameInMail(condition.name);
  const what = `${KINDS[condition.kind] ?? 'Something'} ${name}`;
  const why = REASONS[condition.reason] ?? `is not well (${nameInMail(condition.reason)})`;
  const since = `${utcMinute(condition.since_unix_ms)} UTC`;
  const isRaised = state === 'raised';
  return {
    subject: isRaised ? `${name} ${why}` : `Recovered: ${name}`,
    parts: [
      isRaised ? `${what} ${why}, since ${since}.` : `${what} is well again. It had not been since ${since}.`,
      { kind: 'link', label: 'Open the console', url: consoleUrl },
    ],
    footer: `${organisation} · You get this mail because the alert rule "${rule}" names your address.`,
  };
}
