/** What `manis up` says while it starts, runs and stops: calm lines for people, or one JSON object a line. */
import { sep } from 'node:path';
import type { ProcessExit } from '../../io/processes.ts';
import { jsonText } from '../terminal/plain-text.ts';
import type { Style } from '../terminal/style.ts';

/** The last of the start. */
export interface ReadyEvent {
  readonly event: 'ready';
  readonly dashboard: string;
  readonly apps: readonly { readonly name: string; readonly url: string }[];
  readonly pops: readonly {
    readonly name: string;
    /** Where it is reached first, and everywhere: `127.0.0.1:8443`. */
    readonly https: string;
    readonly httpsEndpoints: readonly string[];
    readonly udp: string;
    readonly pid: number;
  }[];
  readonly control: { readonly url: string; readonly pid: number };
  readonly connector: { readonly pid: number };
  readonly demo: { readonly pid: number } | null;
  /** `setupUrl` is null once the administrator has a password. */
  readonly admin: { readonly email: string; readonly setupUrl: string | null };
  readonly caFile: string;
  readonly dataDir: string;
  readonly startedInMs: number;
}

export type NetworkEvent =
  | { readonly event: 'starting'; readonly dataDir: string }
  | { readonly event: 'step'; readonly name: string; readonly detail: string }
  | { readonly event: 'note'; readonly text: string }
  | ReadyEvent
  | {
      readonly event: 'process-died';
      readonly name: string;
      readonly title: string;
      readonly exit: ProcessExit;
      readonly restartInMs: number;
    }
  | { readonly event: 'process-back'; readonly name: string; readonly title: string; readonly pid: number }
  | { readonly event: 'set-up'; readonly email: string; readonly setupUrl: string }
  | { readonly event: 'stopping' }
  | { readonly event: 'stopped' };

export type Announcer = (event: NetworkEvent) => void;

export function jsonAnnouncer(write: (line: string) => void): Announcer {
  return (event) => write(`${jsonText(event)}\n`);
}

export function humanAnnouncer(style: Style, write: (text: string) => void): Announcer {
  return (event) => write(textOf(event, style));
}

function textOf(event: NetworkEvent, style: Style): string {
  switch (event.event) {
    case 'starting':
      return `\n  ${style.strong('Manis')} ${style.dim(`starts a local network in ${event.dataDir}`)}\n\n`;
    case 'step':
      return `  ${style.good('✓')} ${event.name.padEnd(18)} ${style.dim(event.detail)}\n`;
    case 'note':
      return `  ${style.strong('!')} ${event.text}\n`;
    case 'ready':
      return readyText(event, style);
    case 'process-died': {
      const how = event.exit.signal ?? `exit code ${event.exit.code}`;
      return `  ${style.bad('✗')} ${event.title} ended (${how}); starting it again in ${event.restartInMs} ms\n`;
    }
    case 'process-back':
      return `  ${style.good('✓')} ${event.title} is back ${style.dim(`(process ${event.pid})`)}\n`;
    case 'set-up':
      return `  ${style.strong('!')} The link to set up ${event.email} is now ${style.link(event.setupUrl)}\n`;
    case 'stopping':
      return `\n  ${style.dim('Stopping ...')}\n`;
    case 'stopped':
      return `  ${style.dim('Stopped. The next start goes on where this one ended.')}\n\n`;
  }
}

function readyText(event: ReadyEvent, style: Style): string {
  const row = (label: string, value: string) => `  ${label.padEnd(18)}   ${value}\n`;
  const { email, setupUrl } = event.admin;
  const logs = `${event.dataDir}${sep}logs`;
  // Before anybody can sign in there is one link, so that nobody wonders which.
  const places =
    setupUrl === null
      ? `${row('Console', style.link(`${event.dashboard}/console/`))}${row('Applications', style.link(event.dashboard))}${event.apps.map((app) => row(app.name, style.link(app.url))).join('')}${row('Sign in as', email)}`
      : `  ${style.strong('Open this link')} to begin; it works once:\n\n  ${style.link(setupUrl)}\n`;
  return `
  ${style.strong('Ready')} ${style.dim(`in ${(event.startedInMs / 1000).toFixed(1)} s`)}

${places}
  ${style.dim('The certificates come from a local authority, so the browser warns')}
  ${style.dim('the first time. To make it trust them, import this file:')}
  ${style.dim(event.caFile)}

  ${style.dim(`Logs are in ${logs}`)}
  ${style.dim('Ctrl-C stops everything.')}

`;
}
