/** probe: datagrams by which anybody may find out what a network lets through to a PoP. Read `codec.ts`. */
export {
  emitProbeAnswer,
  emitProbeRequest,
  PROBE_FIRST_BYTE,
  PROBE_NONCE_BYTES,
  type ProbeAnswer,
  parseProbeAnswer,
  parseProbeRequest,
} from './codec.ts';
export { PROBE_BULK_MAXIMUM_BYTES, PROBE_MINIMUM_BYTES } from './constants.ts';
export { type ProbeDropReason, ProbeResponder } from './responder.ts';
