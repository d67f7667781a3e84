import { MAXIMUM_COMPUTER_NAME_LENGTH } from './constants.ts';

/** What a program asks for by way of the browser. */
export interface AccessRequest {
  /** Base64url SHA-256 of the verifier that it keeps (RFC 7636, S256). */
  readonly challenge: string;
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  /** What the code comes back with, so that it knows its own. */
  readonly state: string;
  /** What its computer is called, as it says itself; empty where it does not. */
  readonly computer: string;
}

/** Reads a query or a form; undefined where it is none that the command makes. */
export function readAccessRequest(fields: { get(name: string): string | null | undefined }): AccessRequest | undefined {
  const challenge = fields.get('challenge') ?? '';
  const port = Number(/^\d{4,5}$/.exec(fields.get('port') ?? '')?.[0]);
  const state = fields.get('state') ?? '';
  const computer = (fields.get('computer') ?? '').replace(/[^A-Za-z0-9.-]/g, '').slice(0, MAXIMUM_COMPUTER_NAME_LENGTH);
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge) || !/^[A-Za-z0-9_-]{22}$/.test(state)) return undefined;
  return port >= 1024 && port <= 65_535 ? { challenge, port, state, computer } : undefined;
}
