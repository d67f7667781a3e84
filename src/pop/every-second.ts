import type { PopToControl } from '../core/link/index.ts';
import type { PopParts } from './assemble.ts';
import type { RunningStreams } from './streams/running-streams.ts';

/** What is done once a second, off the request path. */
export function everySecond(
  parts: PopParts,
  streams: RunningStreams,
  link: { readonly link: { readonly takes?: readonly string[] } | undefined; send(message: PopToControl): boolean },
  nowUnixMs: number,
): void {
  const { holder, audit, recorder, requests, live, states, ledger, signIns, overload, certificateWatch } = parts;
  overload.tick();
  live.tick();
  recorder.purge(nowUnixMs);
  ledger.tick();
  signIns.tick();
  streams.tick();
  if (holder.view) certificateWatch.look(holder.view, nowUnixMs);
  void audit.tick(link.link ? (events) => link.send({ type: 'audit', events }) : undefined);
  requests.tick(link.link?.takes?.includes('requests') ? (message) => link.send(message) : undefined);
  parts.captures.tick(link.link?.takes?.includes('captures') ? (message) => link.send(message) : undefined);
  // The log says from which country requests came, as soon as there are any; read once.
  if (requests.hasLogged) void parts.geography.want({ country: true, asn: false });
  if (!link.link) return;
  holder.heard();
  if (holder.view) states.tell(holder.view, (message) => link.send(message));
}
