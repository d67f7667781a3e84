/**
 * datagrams: what carrying UDP through the overlay takes. `pieces.ts` (datagrams longer than a packet, between a PoP and a
 * connector), `session-table.ts` (who talks with whom, bounded, and no tool to flood others with).
 */
export * from './constants.ts';
export { cutDatagram, PIECE_FAULTS, type PieceFault, PieceReader, SESSION_OVER } from './pieces.ts';
export {
  type ClientPlace,
  type DatagramSession,
  type SessionLimits,
  type SessionRefusal,
  SessionTable,
} from './session-table.ts';
