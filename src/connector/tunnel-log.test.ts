import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TunnelEvent } from '../core/overlay/index.ts';
import { createLog } from '../io/log.ts';
import { TunnelLog } from './tunnel-log.ts';

const event = (state: TunnelEvent['state'], path?: TunnelEvent['path'], via?: string): TunnelEvent => ({
  id: 'p1',
  state,
  previous: 'unproven',
  path,
  previousPath: undefined,
  via,
  directState: 'unproven',
});

test('a log has one line for each move of a tunnel', () => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line).event);
  const log = new TunnelLog(createLog({ level: 'debug', destination: { write } }), (id) =>
    id === 'p1' ? 'Amsterdam' : 'Frankfurt',
  );
  for (const one of [
    event('unproven'),
    event('up', 'udp'),
    event('suspect', 'udp'),
    event('up', 'relay', 'p2'),
    event('up', 'relay', 'p2'),
    event('up', 'udp'),
    event('down', 'udp'),
    event('down', 'udp'),
  ])
    log.note(one);
  assert.deepEqual(lines, [
    'tunnel to Amsterdam is up over udp',
    'tunnel to Amsterdam is in doubt',
    'tunnel to Amsterdam moved to relay via Frankfurt',
    'tunnel to Amsterdam moved to udp',
    'tunnel to Amsterdam is down',
  ]);
});
