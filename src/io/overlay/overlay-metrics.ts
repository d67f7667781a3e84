import type { PathKind, TunnelStatus } from '../../core/overlay/index.ts';
import type { Samples } from '../metrics/samples.ts';
import type { OpenOverlay } from './open-overlay.ts';

/** What tunnels and the network stack tell. PoPs are told of one by one; of connectors, which may be thousands, together. */
export function collectOverlay(samples: Samples, overlay: OpenOverlay): void {
  const { driver } = overlay;
  collectTunnels(samples, driver.node.status(driver.nowMs()));
  collectNetstack(samples, driver.node.netstack.counters());
  samples.addEach('manis_overlay_drops_total', driver.node.counters(), (reason) => ({ reason }));
  samples.addEach('manis_wireguard_drops_total', overlay.device.counters(), (reason) => ({ reason }));
  collectUdp(samples, overlay);
  const carriers = overlay.carriers.counters();
  samples.add('manis_carriers_opened_total', carriers.opened);
  samples.addEach('manis_carriers_ended_total', carriers.ended, (reason) => ({ reason }));
  samples.add('manis_carrier_datagrams_total', carriers.sentDatagrams, { direction: 'sent' });
  samples.add('manis_carrier_datagrams_total', carriers.receivedDatagrams, { direction: 'received' });
  samples.add('manis_carrier_datagrams_total', carriers.droppedDatagrams, { direction: 'dropped' });
}

const STATES = ['up', 'suspect', 'down', 'unproven'] as const;
const KINDS: readonly PathKind[] = ['udp', 'tls', 'relay'];

function collectTunnels(samples: Samples, tunnels: readonly TunnelStatus[]): void {
  for (const peer of ['pop', 'connector'] as const) {
    const ofKind = tunnels.filter(({ role }) => role === peer);
    for (const state of STATES)
      samples.add('manis_tunnels', ofKind.filter((tunnel) => tunnel.state === state).length, { peer, state });
    const kinds = ofKind.map(({ paths }) => paths.find(({ active }) => active)?.kind);
    for (const kind of KINDS)
      samples.add('manis_tunnel_paths', kinds.filter((one) => one === kind).length, { peer, kind });
    if (peer === 'pop') for (const tunnel of ofKind) collectPopTunnel(samples, tunnel);
    else collectRtts(samples, ofKind);
  }
}

function collectPopTunnel(samples: Samples, tunnel: TunnelStatus): void {
  const pop = tunnel.id;
  samples.add('manis_tunnel_up', tunnel.state === 'up' ? 1 : 0, { pop });
  samples.add('manis_tunnel_rtt_seconds', inSeconds(tunnel.rttMs), { pop });
  samples.add('manis_tunnel_loss_ratio', tunnel.loss, { pop });
  samples.add('manis_tunnel_bytes_total', tunnel.receivedBytes, { pop, direction: 'received' });
  samples.add('manis_tunnel_bytes_total', tunnel.sentBytes, { pop, direction: 'sent' });
}

function collectRtts(samples: Samples, tunnels: readonly TunnelStatus[]): void {
  const rttsMs = tunnels.flatMap(({ state, rttMs }) => (state === 'up' && rttMs !== undefined ? [rttMs] : []));
  rttsMs.sort((a, b) => a - b);
  for (const percentile of ['50', '95', '100']) {
    const rttMs = rttsMs[Math.ceil((Number(percentile) / 100) * rttsMs.length) - 1];
    samples.add('manis_connector_tunnel_rtt_seconds', inSeconds(rttMs), { percentile });
  }
}

const EVENTS = [
  ['tcpRetransmissions', 'tcp-retransmissions'],
  ['tcpTimeouts', 'tcp-timeouts'],
  ['tcpSpuriousRecoveries', 'tcp-spurious-recoveries'],
  ['tcpTailLossProbes', 'tcp-tail-loss-probes'],
  ['tcpChallengeAcks', 'tcp-challenge-acks'],
  ['tcpDuplicatesReceived', 'tcp-duplicates-received'],
  ['tcpResetsSent', 'tcp-resets-sent'],
  ['icmpErrorsSent', 'icmp-errors-sent'],
  ['controlPacketsDropped', 'control-packets-dropped'],
] as const;

function collectNetstack(samples: Samples, counters: Readonly<Record<string, number>>): void {
  samples.add('manis_netstack_packets_total', counters.packetsReceived, { direction: 'received' });
  samples.add('manis_netstack_packets_total', counters.packetsSent, { direction: 'sent' });
  samples.add('manis_netstack_bytes_total', counters.bytesReceived, { direction: 'received' });
  samples.add('manis_netstack_bytes_total', counters.bytesSent, { direction: 'sent' });
  for (const [row, event] of EVENTS) samples.add('manis_netstack_events_total', counters[row], { event });
  for (const [row, count] of Object.entries(counters))
    if (row.startsWith('drop.'))
      samples.add('manis_netstack_drops_total', count, { reason: row.slice('drop.'.length) });
  samples.add('manis_netstack_connections', counters.connections);
  samples.add('manis_netstack_time_wait', counters.timeWait);
  samples.add('manis_netstack_attempts', counters.attempts);
  samples.add('manis_netstack_memory_bytes', counters.memoryUsedBytes);
}

function collectUdp(samples: Samples, { driver }: OpenOverlay): void {
  const counters = driver.socket?.counters;
  samples.add('manis_udp_bytes_received_total', counters?.receivedBytes);
  samples.add('manis_udp_datagrams_sent_total', counters?.sentDatagrams);
  samples.add('manis_udp_datagrams_dropped_total', counters?.sendDropped);
  samples.add('manis_udp_calls_total', counters?.receivedCalls, { direction: 'received' });
  samples.add('manis_udp_calls_total', counters?.sendCalls, { direction: 'sent' });
}

function inSeconds(durationMs: number | undefined): number | undefined {
  return durationMs === undefined ? undefined : durationMs / 1_000;
}
