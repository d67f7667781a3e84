import { counter, gauge } from './definition.ts';

const DIRECTION = { direction: '`received` or `sent`' } as const;
const REASON = { reason: 'why, by name' } as const;

/** What nodes with tunnels tell: PoPs and connectors. */
export const OVERLAY_METRICS = {
  manis_tunnels: gauge('Tunnels by the state of their best path.', {
    peer: '`pop` or `connector`',
    state: '`up`, `suspect`, `down` or `unproven`',
  }),
  manis_tunnel_paths: gauge('Tunnels by the path that their packets take.', {
    peer: '`pop` or `connector`',
    kind: '`udp`, `tls` or `relay`',
  }),
  manis_tunnel_up: gauge('1 where the tunnel to a PoP carries packets, else 0.', { pop: 'id of the PoP' }),
  manis_tunnel_rtt_seconds: gauge('Round trip of the path in use to a PoP.', { pop: 'id of the PoP' }),
  manis_tunnel_loss_ratio: gauge('Share of heartbeats lost on the path in use to a PoP, 0 to 1.', {
    pop: 'id of the PoP',
  }),
  manis_tunnel_bytes_total: counter('Bytes of packets through the tunnel to a PoP.', {
    pop: 'id of the PoP',
    ...DIRECTION,
  }),
  manis_connector_tunnel_rtt_seconds: gauge('Round trips to connectors, over those whose tunnel is up.', {
    percentile: '`50`, `95` or `100`',
  }),
  manis_netstack_packets_total: counter('IP packets of the network stack.', DIRECTION),
  manis_netstack_bytes_total: counter('Bytes of those packets.', DIRECTION),
  manis_netstack_drops_total: counter('Packets that the network stack dropped.', REASON),
  manis_netstack_events_total: counter('What happened to TCP connections and ICMP.', {
    event:
      '`tcp-retransmissions`, `tcp-timeouts`, `tcp-spurious-recoveries`, `tcp-tail-loss-probes`, `tcp-challenge-acks`, `tcp-duplicates-received`, `tcp-resets-sent`, `icmp-errors-sent`, `control-packets-dropped`',
  }),
  manis_netstack_connections: gauge('TCP connections of all states, those in TIME-WAIT included.'),
  manis_netstack_time_wait: gauge('TCP connections in TIME-WAIT.'),
  manis_netstack_attempts: gauge('TCP connections that wait to be accepted.'),
  manis_netstack_memory_bytes: gauge('Bytes that are queued to be read or sent.'),
  manis_overlay_drops_total: counter('Packets that WireGuard authenticated and the overlay dropped.', REASON),
  manis_wireguard_drops_total: counter('Datagrams and packets that WireGuard dropped.', REASON),
  manis_udp_bytes_received_total: counter('Bytes that the UDP socket of WireGuard received.'),
  manis_udp_datagrams_sent_total: counter('Datagrams that it sent.'),
  manis_udp_datagrams_dropped_total: counter('Datagrams that the kernel took no more.'),
  manis_udp_calls_total: counter('Calls of the kernel; several datagrams go in one where the machine can.', DIRECTION),
  manis_carriers_opened_total: counter('Carriers (WireGuard over TLS) that were opened.'),
  manis_carriers_ended_total: counter('Carriers that ended.', REASON),
  manis_carrier_datagrams_total: counter('Datagrams in carriers.', {
    direction: '`received`, `sent` or `dropped`',
  }),
} as const;
