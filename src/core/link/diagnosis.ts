/**
 * What a connector found out about the network between it and the PoPs, on its way to control. It opens a TCP stream to
 * `CONNECTOR_DIAGNOSIS_PORT` of a PoP, sends one line and reads one. PoPs of before refuse the stream; it tries another one.
 * That somebody wants it to look is said in the site's grant.
 */
import { MAX_REASON_CHARS } from './constants.ts';
import { type Check, finite, integer, line, list, notNegative, object, oneOf, optional } from './shape.ts';

/** TCP port on a PoP's overlay address; 9 is where greetings go, which must be refused. */
export const CONNECTOR_DIAGNOSIS_PORT = 11;
/** Longest text of one finding. */
export const DIAGNOSIS_TEXT_MAX_CHARS = 400;
/** Most findings of one diagnosis: a handful for each PoP that is looked at. */
export const DIAGNOSIS_FINDINGS_MAX = 48;
/** Most ways in it: by UDP and by TLS, by IPv4 and by IPv6, to each PoP that is looked at. */
export const DIAGNOSIS_WAYS_MAX = 64;
/** Longest line of a diagnosis: all of the above, and what JSON makes of it. */
export const DIAGNOSIS_LINE_MAX_CHARS = 128 * 1024;

export type WayOutcome = 'ok' | 'name-not-found' | 'no-answer' | 'proxy-refused' | 'no-carrier';

/** One address of a PoP, and what the network let through to it. */
export interface ExaminedWay {
  /** The PoP's name. */
  readonly pop: string;
  readonly by: 'udp' | 'tls';
  /** `host:port`, as the PoP announces it. */
  readonly place: string;
  readonly outcome: WayOutcome;
  /** In the words of whoever refused. */
  readonly detail?: string;
  /** Round trip of UDP; of TLS, how long it took to connect. */
  readonly rttMs?: number;
  /** Share of datagrams that got lost, 0 to 1. */
  readonly loss?: number;
  /** Largest datagram that came through. */
  readonly largestBytes?: number;
  readonly bytesPerSecond?: number;
}

export interface DiagnosisFinding {
  /** A name for it: `udp-blocked`. */
  readonly code: string;
  /** `bad`: traffic suffers or cannot pass. `note`: Manis copes; worth knowing. */
  readonly weight: 'bad' | 'note';
  readonly what: string;
  readonly advice: string;
}

export interface Diagnosis {
  /** The newest wish that it answers (`SiteGrant.examine`); 0: nobody wished. */
  readonly asked: number;
  /** When it was made, by the connector's clock. */
  readonly unixMs: number;
  /** What it runs. */
  readonly software: string;
  /** The proxy that it goes out through. Left out: none. */
  readonly proxy?: string;
  /** The worst first. Empty: nothing stands in the way. */
  readonly findings: readonly DiagnosisFinding[];
  readonly ways: readonly ExaminedWay[];
  /** PoPs that were not looked at, because there are many. Left out: none. */
  readonly popsLeftOut?: number;
}

/** What control says to it. */
export interface DiagnosisAnswer {
  readonly outcome: 'kept' | 'refused';
}

const text = line(DIAGNOSIS_TEXT_MAX_CHARS);
const way = object({
  ...{ pop: text, by: oneOf('udp', 'tls'), place: text, detail: optional(text) },
  outcome: oneOf('ok', 'name-not-found', 'no-answer', 'proxy-refused', 'no-carrier'),
  ...{ rttMs: optional(notNegative), loss: optional(notNegative) },
  ...{ largestBytes: optional(integer()), bytesPerSecond: optional(notNegative) },
});
const finding = object({ code: line(MAX_REASON_CHARS), weight: oneOf('bad', 'note'), what: text, advice: text });
const diagnosis = object({
  ...{ asked: integer(), unixMs: finite, software: text, proxy: optional(text) },
  ...{ findings: list(finding, DIAGNOSIS_FINDINGS_MAX), ways: list(way, DIAGNOSIS_WAYS_MAX) },
  popsLeftOut: optional(integer()),
});
const answer = object({ outcome: oneOf('kept', 'refused') });

/** Undefined where the line is none. */
export const readDiagnosis = (line: string): Diagnosis | undefined => read(line, diagnosis);
export const readDiagnosisAnswer = (line: string): DiagnosisAnswer | undefined => read(line, answer);

function read<Value>(text: string, check: Check): Value | undefined {
  if (text.length > DIAGNOSIS_LINE_MAX_CHARS) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return check(value, '') === undefined ? (value as Value) : undefined;
  } catch {
    return undefined;
  }
}
