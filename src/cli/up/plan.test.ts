import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, test } from 'node:test';
import { appOf, appOrigin, checkPlaces, planNetwork, portalOrigin } from './plan.ts';

describe('the plan of the local network', () => {
  test('puts both PoPs on one port of two addresses', () => {
    const plan = planNetwork(8443, true);
    assert.deepEqual(plan.pops[0].https, [{ host: '127.0.0.1', port: 8443 }]);
    assert.deepEqual(plan.pops[1].https, [
      { host: '::1', port: 8443 },
      { host: '127.0.0.1', port: 8444 },
    ]);
    assert.deepEqual(
      [plan.control.port, plan.pops[0].udp.port, plan.pops[1].udp.port, plan.demo.port],
      [8446, 8447, 8448, 8449],
    );
    assert.deepEqual(
      plan.pops.flatMap(({ dns }) => dns),
      [
        { host: '::1', port: 8447 },
        { host: '::1', port: 8448 },
      ],
    );
    assert.deepEqual(
      [...plan.pops.map(({ metrics }) => metrics), plan.metrics.control, plan.metrics.connector],
      [
        { host: '127.0.0.1', port: 8447 },
        { host: '127.0.0.1', port: 8448 },
        { host: '::1', port: 8446 },
        { host: '::1', port: 8449 },
      ],
    );
    assert.equal(portalOrigin(plan), 'https://manis.localhost:8443');
    assert.equal(appOrigin(plan, 'demo'), 'https://demo.manis.localhost:8443');
  });

  test('does without IPv6', () => {
    const plan = planNetwork(8443, false);
    assert.deepEqual(plan.pops[1].https, [{ host: '127.0.0.1', port: 8444 }]);
    assert.deepEqual(plan.pops[1].http, []);
    assert.deepEqual(plan.pops[0].dns, []);
  });

  test('names the port that is in use, its owner and the flag', async (context) => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    context.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    await assert.rejects(checkPlaces(planNetwork(port - 3, false), true, 'try another'), {
      name: 'UsageFailure',
      code: 'port-in-use',
      message: `port ${port} (TCP, 127.0.0.1; for control) is in use; try another`,
    });
  });
});

describe('an application', () => {
  const plan = planNetwork(8443, true);
  const table: [app: string | undefined, name: string, scheme: string, host: string, port: number][] = [
    [undefined, 'demo', 'http', '127.0.0.1', 8449],
    ['http://localhost:3000', 'app', 'http', 'localhost', 3000],
    ['http://localhost', 'app', 'http', 'localhost', 80],
    ['https://intranet.example', 'app', 'https', 'intranet.example', 443],
    ['http://[::1]:5000/', 'app', 'http', '::1', 5000],
  ];
  for (const [app, name, scheme, host, port] of table) {
    test(`${app ?? 'by default'} is ${scheme} on ${host} ${port}`, () => {
      assert.deepEqual(appOf(app, plan), { name, scheme, host, port });
    });
  }

  for (const app of ['http://localhost/admin', 'http://localhost/?x', 'http://user@localhost']) {
    test(`${app} is more than a place`, () => assert.throws(() => appOf(app, plan), { code: 'setting-invalid' }));
  }
});
