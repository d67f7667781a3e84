import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { readInPieces } from './piecewise-hello.ts';
import { HELLO_PIECE_BYTES } from './tls-constants.ts';

/** As Node's TLS reads what a connection holds already. */
function piecesOf(bytes: Buffer): Buffer[] {
  const socket = new Socket();
  socket.unshift(bytes);
  readInPieces(socket);
  const pieces: Buffer[] = [];
  for (let piece = socket.read() as Buffer | null; piece !== null; piece = socket.read() as Buffer | null)
    pieces.push(piece);
  assert.equal(socket.read, Socket.prototype.read, 'afterwards it reads as any');
  socket.destroy();
  return pieces;
}

for (const length of [1, HELLO_PIECE_BYTES, HELLO_PIECE_BYTES + 1, 1_800, 16_384])
  test(`${length} bytes that were put back are read whole, in pieces of at most ${HELLO_PIECE_BYTES}`, () => {
    const bytes = Buffer.from(Array.from({ length }, (_, i) => i & 0xff));
    const pieces = piecesOf(bytes);
    assert.deepEqual(Buffer.concat(pieces), bytes);
    assert.equal(pieces.length, Math.ceil(length / HELLO_PIECE_BYTES));
  });
