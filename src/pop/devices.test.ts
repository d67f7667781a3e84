/** Requests for a site that has a plain WireGuard device, beside a connector or alone. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import type { DeviceRecord } from '../core/link/index.ts';
import { PORTAL_HOST, PopWorld, PUBLIC, resource, target } from '../testing/pop-world.ts';

const HOST = `barn.${PORTAL_HOST}`;
const DEVICE = '100.96.1.0';
const CONNECTOR = 'fd00::c1';

function device(targets: DeviceRecord['targets'], siteId = 'site-1'): DeviceRecord {
  return {
    ...{ kind: 'device', id: 'device-1', name: 'router', siteId, wireguardKey: '', overlayAddress: DEVICE },
    ...{ popId: 'pop-1', targets },
  };
}

test('a device is one more way to a target, by the address behind it', async (t) => {
  const world = await PopWorld.start();
  t.after(() => world.stop());
  const [near, far, moved] = await Promise.all(
    ['connector', 'device', 'moved'].map((name) => world.listen(createServer((_, response) => response.end(name)))),
  );
  assert.ok(near && far && moved);
  const behind = (port: number) => device([{ id: `target-${near}`, address: '192.168.1.10', port }]);
  const published = resource(0, { id: 'barn', host: HOST, policy: PUBLIC, targets: [target(near)] });
  world.publishBasics(published, behind(far));
  const asked = async (count: number) => {
    const answers = await Promise.all(Array.from({ length: count }, () => world.fetch(HOST, '/')));
    return [...new Set(answers.map(({ status, body }) => (status === 200 ? body : String(status))))].sort();
  };

  assert.deepEqual(await asked(40), ['connector', 'device']);
  world.dialer.states.set(CONNECTOR, 'down');
  assert.deepEqual(await asked(5), ['device']);
  world.publishDelta(behind(moved));
  assert.deepEqual(await asked(5), ['moved'], 'connections to where the target was are not used again');
  world.publishDelta(device([]));
  assert.deepEqual(await asked(2), ['503'], 'nothing is dialled for a target whose address is not known');
  world.publishDelta(behind(far));
  world.dialer.states.set(DEVICE, 'down').delete(CONNECTOR);
  assert.deepEqual(await asked(5), ['connector']);
  world.dialer.states.set(CONNECTOR, 'down');
  assert.deepEqual(await asked(2), ['503']);
});

test('a device whose PoP is lost is why nobody answers', async (t) => {
  const world = await PopWorld.start();
  t.after(() => world.stop());
  const published = resource(0, { id: 'barn', host: HOST, policy: PUBLIC, targets: [target(80, { siteId: 'far' })] });
  world.publishBasics(published, device([{ id: 'target-80', address: '192.168.1.10', port: 80 }], 'far'));
  world.dialer.states.set(DEVICE, 'down');
  const codeOf = async () => {
    const { status, body } = await world.fetch(HOST, '/', { headers: { accept: 'application/json' } });
    return [status, (JSON.parse(body) as { code: string }).code];
  };
  assert.deepEqual(await codeOf(), [503, 'no-healthy-target']);
  world.dialer.popLost.add(DEVICE);
  assert.deepEqual(await codeOf(), [503, 'device-pop-lost']);
});
