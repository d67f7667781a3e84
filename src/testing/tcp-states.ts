/** A trace in each state of RFC 9293 figure 5. The handshake and the way there are done; nothing waits to be sent. */
import assert from 'node:assert/strict';
import { PEER_PORT, TcpTrace, THEIRS, type TraceSetup } from './tcp-trace.ts';

/** Round trip of the handshake in these traces. */
export const HANDSHAKE_RTT_MS = 20;

/** Listens on every port; nothing arrived yet. */
export function listening(setup?: TraceSetup): TcpTrace {
  const trace = new TcpTrace(setup);
  trace.stack.listenAllTcp();
  return trace;
}

/** We sent SYN. */
export function synSent(setup?: TraceSetup): TcpTrace {
  const trace = new TcpTrace(setup);
  trace.connection = trace.stack.connectTcp({ to: THEIRS, port: PEER_PORT, nowMs: trace.nowMs });
  trace.expect({ flags: 'S', seq: 0 });
  return trace;
}

/** The peer's SYN was accepted and answered. */
export function synReceived(setup?: TraceSetup): TcpTrace {
  const trace = listening(setup);
  trace.send({ flags: 'S', seq: 0 });
  const connection = trace.attempt?.accept(trace.nowMs);
  assert.ok(connection);
  trace.connection = connection;
  trace.expect({ flags: 'SA', seq: 0, ack: 1 });
  trace.events();
  return trace;
}

/** We accepted; the first segments of a connection are acknowledged at once, which `quick` leaves so. */
export function established(setup?: TraceSetup & { readonly quick?: boolean }): TcpTrace {
  const trace = synReceived(setup);
  trace.after(HANDSHAKE_RTT_MS);
  trace.send({ seq: 1, ack: 1 });
  assert.deepEqual(trace.events(), ['connected']);
  trace.expectNothing();
  if (!setup?.quick) useUpQuickAcks(trace);
  return trace;
}

/** Sequence numbers used by `useUpQuickAcks`. */
export const QUICK_BYTES = 16;

function useUpQuickAcks(trace: TcpTrace): void {
  for (let i = 0; i < QUICK_BYTES; i++) {
    trace.send({ seq: 1 + i, ack: 1, length: 1 });
    trace.expect({ seq: 1, ack: 2 + i });
  }
  assert.equal(trace.read(), QUICK_BYTES);
  trace.events();
}

/** We finished first; the FIN is not acknowledged. Our next sequence number is 2. */
export function finWait1(setup?: TraceSetup): TcpTrace {
  const trace = established({ ...setup, quick: true });
  trace.connection.finish();
  trace.expect({ flags: 'FA', seq: 1, ack: 1 });
  assert.equal(trace.connection.state, 'finWait1');
  return trace;
}

export function finWait2(setup?: TraceSetup): TcpTrace {
  const trace = finWait1(setup);
  trace.send({ seq: 1, ack: 2 });
  assert.equal(trace.connection.state, 'finWait2');
  return trace;
}

export function closing(setup?: TraceSetup): TcpTrace {
  const trace = finWait1(setup);
  trace.send({ flags: 'FA', seq: 1, ack: 1 });
  assert.equal(trace.connection.state, 'closing');
  trace.expect({ seq: 2, ack: 2 });
  trace.events();
  return trace;
}

export function timeWait(setup?: TraceSetup): TcpTrace {
  const trace = finWait2(setup);
  trace.send({ flags: 'FA', seq: 1, ack: 2 });
  assert.equal(trace.connection.state, 'timeWait');
  trace.expect({ seq: 2, ack: 2 });
  trace.events();
  return trace;
}

/** The peer finished first and knows that we know. */
export function closeWait(setup?: TraceSetup): TcpTrace {
  const trace = established({ ...setup, quick: true });
  trace.send({ flags: 'FA', seq: 1, ack: 1 });
  assert.equal(trace.connection.state, 'closeWait');
  trace.expect({ seq: 1, ack: 2 });
  trace.events();
  return trace;
}

export function lastAck(setup?: TraceSetup): TcpTrace {
  const trace = closeWait(setup);
  trace.connection.finish();
  trace.expect({ flags: 'FA', seq: 1, ack: 2 });
  assert.equal(trace.connection.state, 'lastAck');
  return trace;
}
