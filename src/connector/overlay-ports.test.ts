// Rooms that listen on overlay addresses, or send there, name their ports each for itself: here they meet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as link from '../core/link/index.ts';
import * as endpoints from '../core/overlay/endpoints.ts';
import * as heartbeat from '../core/overlay/heartbeat.ts';
import * as connector from './constants.ts';

test('no two things have the same port of the overlay', () => {
  const ports = [link, endpoints, heartbeat, connector].flatMap((room) =>
    Object.entries(room).filter(([name]) => name.endsWith('_PORT')),
  );
  assert.ok(ports.length >= 8, 'all of them are found');
  assert.equal(new Set(ports.map(([, port]) => port)).size, ports.length, ports.map((one) => one.join(' ')).join(', '));
});
