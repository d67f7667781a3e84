/**
 * netstack: a TCP/IP host without sockets. Raw IP packets in (`receivePacket`), raw IP packets out (`poll`), time as an
 * argument, events pulled (`nextEvent`). It sits above WireGuard.
 *
 * Read: RFC 9293 (TCP), 7323 (window scale, timestamps), 2018/6675/2883 (SACK), 6298 (RTO), 8985 (RACK-TLP), 6937 (PRR),
 * 9438 (CUBIC), 9406 (HyStart++), 3522/4015 (Eifel), 5961 (blind attacks), 6528 (ISN), 6056 (ports), 768 (UDP),
 * 792/4443 (ICMP), 791/8200 (IP), 1071 (checksum).
 */
export type * from './api.ts';
export { DROP_REASONS, type DropReason } from './counters.ts';
export { Netstack } from './netstack.ts';
export { finishChecksum, foldSum, networkWord, pseudoHeaderSum, sumWords } from './wire/checksum.ts';
