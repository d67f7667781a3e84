/** What is read of a directory's answers. Each throws an AcmeFailure where something is missing. */
import type { AcmeAuthorization, AcmeChallenge, AcmeOrder, DirectoryFacts } from './acme-directory.ts';
import { AcmeFailure, plain, readProblem } from './acme-failure.ts';

type Fields = Readonly<Record<string, unknown>>;

const ORDER_STATUSES = ['pending', 'ready', 'processing', 'valid', 'invalid'] as const;
const AUTHORIZATION_STATUSES = ['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked'] as const;
const CHALLENGE_STATUSES = ['pending', 'processing', 'valid', 'invalid'] as const;
const CHALLENGE_KINDS = ['http-01', 'tls-alpn-01', 'dns-01'] as const;

export function readDirectory(body: unknown): { facts: DirectoryFacts; renewalInfoUrl: string | undefined } {
  const directory = fieldsOf(body, 'directory');
  if (typeof directory['newOrder'] !== 'string') throw malformed('there is no ACME directory at this URL');
  const meta = (directory['meta'] ?? {}) as Fields;
  const { termsOfService, profiles } = meta;
  return {
    facts: {
      termsUrl: typeof termsOfService === 'string' ? plain(termsOfService) : undefined,
      needsBinding: meta['externalAccountRequired'] === true,
      profiles: typeof profiles === 'object' && profiles !== null ? Object.keys(profiles).slice(0, 32).map(plain) : [],
    },
    renewalInfoUrl: typeof directory['renewalInfo'] === 'string' ? directory['renewalInfo'] : undefined,
  };
}

export function readOrder(body: unknown): AcmeOrder {
  const order = fieldsOf(body, 'order');
  return {
    url: textOf(order, 'url'),
    status: wordOf(order, 'status', ORDER_STATUSES),
    error: readProblem(order['error']),
    retryAfterMs: typeof order['retryAfterMs'] === 'number' ? order['retryAfterMs'] : undefined,
  };
}

export function readAuthorization(body: unknown): AcmeAuthorization {
  const authorization = fieldsOf(body, 'authorization');
  const { challenges } = authorization;
  return {
    url: textOf(authorization, 'url'),
    name: textOf(fieldsOf(authorization['identifier'], 'identifier'), 'value').toLowerCase(),
    status: wordOf(authorization, 'status', AUTHORIZATION_STATUSES),
    challenges: (Array.isArray(challenges) ? challenges : []).flatMap(readChallenge),
  };
}

function readChallenge(body: unknown): AcmeChallenge[] {
  const challenge = fieldsOf(body, 'challenge');
  const kind = CHALLENGE_KINDS.find((known) => known === challenge['type']);
  if (!kind) return [];
  const token = textOf(challenge, 'token');
  // It becomes a path and a part of a key authorisation (RFC 8555 section 8).
  if (!/^[A-Za-z0-9_-]{1,512}$/.test(token)) throw malformed('a token is not one');
  const status = wordOf(challenge, 'status', CHALLENGE_STATUSES);
  return [{ kind, url: textOf(challenge, 'url'), token, status, error: readProblem(challenge['error']) }];
}

function fieldsOf(body: unknown, what: string): Fields {
  if (typeof body !== 'object' || body === null) throw malformed(`the ${what} is not an object`);
  return body as Fields;
}

function textOf(fields: Fields, name: string): string {
  const text = fields[name];
  if (typeof text !== 'string' || text.length > 2048) throw malformed(`${name} is missing`);
  return text;
}

function wordOf<Word extends string>(fields: Fields, name: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === fields[name]);
  if (word === undefined) throw malformed(`${name} is none that is known: ${plain(String(fields[name]))}`);
  return word;
}

function malformed(why: string): AcmeFailure {
  return new AcmeFailure('acme-answer-malformed', `the directory's answer is of no use: ${why}`);
}
