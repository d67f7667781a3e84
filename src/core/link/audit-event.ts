import type { JudgedSession, JudgedSignOut } from './judged-by-pops.ts';

/** Reason of the event that tells how many others a PoP had no room for. */
export const AUDIT_DROPPED = 'audit-dropped';

export interface AuditEvent {
  readonly id: string;
  readonly unixMs: number;
  readonly requestId: string;
  readonly resourceId: string | null;
  /** Of a user the id; else `guest:` and an address, or `credential:` and an id. */
  readonly userId: string | null;
  readonly clientAddress: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly outcome: 'allow' | 'deny' | 'challenge' | 'error';
  readonly reason: string;
  readonly ruleId: string | null;
  /** What people call the rule, when it decided. */
  readonly ruleName?: string;
  /** How whoever asked had signed in. */
  readonly methods?: readonly string[];
  /** Where the address is, where the PoP knows it. */
  readonly country?: string;
  readonly status: number;
  readonly session?: JudgedSession;
  readonly signOut?: JudgedSignOut;
  /** Of a stream that is over, from and to the client. */
  readonly bytesReceived?: number;
  readonly bytesSent?: number;
  readonly durationMs?: number;
}
