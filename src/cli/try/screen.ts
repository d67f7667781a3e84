/** What `manis try` shows: where it is, what lets people in, and each request as it is answered. */
import { renderUnicodeCompact } from 'uqr';
import { printable } from '../../base/index.ts';
import { jsonText } from '../terminal/plain-text.ts';
import type { Style } from '../terminal/style.ts';
import { PATH_CHARS_MAX } from './constants.ts';
import type { RequestLine } from './request-line.ts';

export interface Shown {
  readonly id: string;
  readonly applications: readonly { readonly url: string; readonly leadsTo: string }[];
  readonly guard: 'pin' | 'password' | 'signed-in' | 'public' | 'policy';
  readonly secret: string | null;
  readonly expiresUnixMs: number;
  readonly kept: boolean;
  /** Undefined: none is shown. */
  readonly qrUrl: string | undefined;
  readonly canPressKeys: boolean;
}

export interface Screen {
  note(text: string): void;
  ready(shown: Shown, nowUnixMs: number): void;
  request(line: RequestLine): void;
  kept(how: string): void;
  ended(reason: string): void;
}

export function createScreen(style: Style, json: boolean, write: (text: string) => void): Screen {
  return json ? jsonScreen(write) : humanScreen(style, write);
}

/** One JSON object a line, for programs. */
function jsonScreen(write: (text: string) => void): Screen {
  const line = (event: string, fields: object): void => write(`${jsonText({ event, ...fields })}\n`);
  return {
    note: (text) => line('note', { text }),
    ready: ({ canPressKeys: _keys, qrUrl: _qr, ...shown }) => line('ready', shown),
    request: (request) => line('request', { ...request, ms: Math.round(request.ms) }),
    kept: (how) => line('kept', { how }),
    ended: (reason) => line('ended', { reason }),
  };
}

function humanScreen(style: Style, write: (text: string) => void): Screen {
  let hasSeveral = false;
  return {
    note: (text) => write(`  ${style.dim(text)}\n`),
    ready: (shown, nowUnixMs) => {
      hasSeveral = shown.applications.length > 1;
      write(readyText(style, shown, nowUnixMs));
    },
    request: (line) => write(`  ${requestText(style, line, hasSeveral)}\n`),
    kept: (how) => write(`\n  ${style.good('Kept for good.')} ${how}\n\n`),
    ended: (reason) => write(`\n  ${reason}\n`),
  };
}

function readyText(style: Style, shown: Shown, nowUnixMs: number): string {
  const width = Math.max(...shown.applications.map(({ url }) => url.length));
  const addresses = shown.applications.map(
    ({ url, leadsTo }) =>
      `  ${style.strong(style.link(url))}${' '.repeat(width - url.length)}  ${style.dim(`→ ${leadsTo}`)}`,
  );
  const qr = shown.qrUrl === undefined ? [] : ['', ...indented(renderUnicodeCompact(shown.qrUrl))];
  return `${['', ...addresses, '', `  ${guardText(style, shown)}`, ...qr, '', `  ${endText(style, shown, nowUnixMs)}`, ''].join('\n')}\n`;
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `  ${line}`);
}

function guardText(style: Style, { guard, secret }: Shown): string {
  switch (guard) {
    case 'pin':
      return `PIN       ${style.strong(secret ?? 'the one you chose')}   ${style.dim('shown this once; people type it before they get in')}`;
    case 'password':
      return `Password  ${style.strong(secret ?? 'the one you chose')}   ${style.dim('shown this once')}`;
    case 'public':
      return style.bad('Open to everybody who has the address.');
    case 'signed-in':
      return 'For everybody who signs in.';
    case 'policy':
      return 'Your policy says who gets in.';
  }
}

function endText(style: Style, { expiresUnixMs, kept, canPressKeys }: Shown, nowUnixMs: number): string {
  if (kept) return style.dim('Kept for good. Ctrl-C ends this program alone.');
  const keys = canPressKeys ? 'k keeps it, Ctrl-C ends it' : 'Ctrl-C ends it';
  return style.dim(`Ends by itself in ${durationText(expiresUnixMs - nowUnixMs)}; ${keys}.`);
}

/** `8 h`, `1 h 30 min`, `2 d`. */
export function durationText(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 60) return `${minutes} min`;
  if (minutes >= 2_880 && minutes % 1_440 === 0) return `${minutes / 1_440} d`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`;
}

export function requestText(style: Style, line: RequestLine, hasSeveral: boolean): string {
  const time = new Date(line.unixMs).toTimeString().slice(0, 8);
  const path = shortened(printable(line.path));
  const mark =
    line.status >= 500 ? style.bad : line.status >= 400 ? style.strong : line.status >= 300 ? style.dim : style.good;
  const where = hasSeveral ? `  ${style.dim(line.application)}` : '';
  const ms = line.ms < 10 ? line.ms.toFixed(1) : String(Math.round(line.ms));
  return `${style.dim(time)}  ${mark(String(line.status))}  ${printable(line.method).padEnd(6)} ${path.padEnd(PATH_CHARS_MAX / 2)} ${style.dim(`${ms} ms`)}${where}`;
}

function shortened(path: string): string {
  return path.length > PATH_CHARS_MAX ? `${path.slice(0, PATH_CHARS_MAX - 1)}…` : path;
}
