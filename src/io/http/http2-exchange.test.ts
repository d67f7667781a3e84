import assert from 'node:assert/strict';
import type { ServerHttp2Stream } from 'node:http2';
import { test } from 'node:test';
import { Http2Exchange } from './http2-exchange.ts';
import type { Http2Request } from './http2-request.ts';
import type { Http2Response } from './http2-response.ts';

interface State {
  pending: number;
  received: number;
  written: number;
  isWanted: boolean;
  headersSent: boolean;
}

function exchange(isWebSocket = false): { state: State; exchange: Http2Exchange } {
  const state: State = { pending: 0, received: 0, written: 0, isWanted: false, headersSent: false };
  const stream = {
    destroyed: false,
    get bufferSize() {
      return state.pending;
    },
  } as ServerHttp2Stream;
  const request = {
    get isWanted() {
      return state.isWanted;
    },
    get bytesReceived() {
      return state.received;
    },
  } as Http2Request;
  const response = {
    get headersSent() {
      return state.headersSent;
    },
    get bytesWritten() {
      return state.written;
    },
  } as Http2Response;
  return { state, exchange: new Http2Exchange(stream, request, isWebSocket ? undefined : response) };
}

test('silence counts while the client is the one to act, and begins anew when anything moves', () => {
  const { state, exchange: one } = exchange();
  const looks = (count: number): number => {
    let last = 0;
    for (let i = 0; i < count; i++) last = one.look();
    return last;
  };
  assert.equal(looks(5), 0, 'the backend is the one to act');
  Object.assign(state, { isWanted: true });
  assert.equal(looks(5), 5, 'a body is waited for');
  state.received += 10;
  assert.equal(looks(1), 0, 'some of it came');
  Object.assign(state, { headersSent: true });
  assert.equal(looks(5), 0, 'both stream, so either may be silent');
  Object.assign(state, { pending: 100, written: 100 });
  assert.equal(looks(5), 5, 'an answer is not read');
  state.pending = 50;
  assert.equal(looks(1), 0, 'some of it was read');
  Object.assign(state, { pending: 0 });
  assert.equal(looks(5), 0);
});

test('a WebSocket may be silent, but must read', () => {
  const { state, exchange: one } = exchange(true);
  for (let i = 0; i < 5; i++) assert.equal(one.look(), 0);
  state.pending = 10;
  one.look();
  assert.equal(one.look(), 1);
});
