// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Json } from './json.ts';
import { type LabelledContainer, resourcesOfContainers } from './labels.ts';

const container = (labels: Record<string, string>, more: Partial<LabelledContainer> = {}): LabelledContainer => ({
  ...{ name: 'web', labels, addresses: { apps: '172.18.0.2' }, ports: [8080], isHostNetwork: false },
  ...more,
});
const parse = (text: string): Json | undefined => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
};
const read = (...containers: LabelledContainer[]) => resourcesOfContainers(containers, parse);
const HOST = { 'manis.host': 'web.example.com' };

describe('labels', () => {
  test('a host is enough: the port is the image’s, and nobody may open it', () =>
    assert.deepEqual(read(container(HOST)), {
      resources: {
        web: { host: 'web.example.com', targets: [{ url: 'http://172.18.0.2:8080' }], policy: { rules: [] } },
      },
      problems: [],
    }));

  test('everything that they can say', () => {
    const labels = {
      ...HOST,
      ...{ 'manis.name': 'Wiki', 'manis.port': '9000', 'manis.scheme': 'https', 'manis.verify': 'false' },
      ...{ 'manis.check': '/health', 'manis.hostHeader': 'inner', 'manis.weight': '3', 'manis.sticky': 'cookie' },
      ...{ 'manis.roles': 'dev, ops', 'manis.emails': '*@example.com', 'manis.mfa': 'true', 'manis.network': 'apps' },
    };
    assert.deepEqual(read(container(labels)).resources, {
      Wiki: {
        ...{ host: 'web.example.com', sticky: 'cookie' },
        targets: [
          {
            ...{ url: 'https://172.18.0.2:9000', hostHeader: 'inner', weight: 3, tls: { verify: false } },
            check: { kind: 'http', path: '/health' },
          },
        ],
        policy: {
          rules: [
            {
              ...{ id: 'people', name: 'Whom the labels name', when: { all: [] } },
              then: { kind: 'authenticate', anyOf: { roles: ['dev', 'ops'], emails: ['*@example.com'] }, mfa: true },
            },
          ],
        },
      },
    });
  });

  test('copies of a service are targets of one resource; who differs is told', () => {
    const copies = [
      container({ ...HOST, 'manis.name': 'app' }, { name: 'a' }),
      container({ ...HOST, 'manis.name': 'app' }, { name: 'b', addresses: { apps: '172.18.0.3' } }),
      container({ 'manis.host': 'other.example.com', 'manis.name': 'app' }, { name: 'c' }),
    ];
    const { resources, problems } = read(...copies);
    assert.deepEqual((resources['app'] as { targets: unknown }).targets, [
      { url: 'http://172.18.0.2:8080' },
      { url: 'http://172.18.0.3:8080' },
    ]);
    assert.deepEqual(
      problems.map(({ place, reason }) => [place, reason]),
      [['container c: app', 'labels-differ']],
    );
  });

  test('one container may be several resources', () => {
    const labels = { ...HOST, 'manis.admin.host': 'admin.example.com', 'manis.admin.port': '9001' };
    assert.deepEqual(Object.keys(read(container(labels)).resources), ['web', 'admin']);
  });

  for (const [what, labels, more, reason] of [
    ['a label that is none', { ...HOST, 'manis.prot': '1' }, {}, 'label-unknown'],
    ['two ports to choose from', HOST, { ports: [80, 443] }, 'port-unclear'],
    ['no port', HOST, { ports: [] }, 'port-unclear'],
    ['a port that is none', { ...HOST, 'manis.port': 'http' }, {}, 'port-invalid'],
    ['a network that it is not in', { ...HOST, 'manis.network': 'x' }, {}, 'network-unknown'],
    ['a scheme that is none', { ...HOST, 'manis.scheme': 'ftp' }, {}, 'scheme-unknown'],
    ['a policy that is none', { ...HOST, 'manis.policy': '{' }, {}, 'policy-unknown'],
    ['a resource without a host', { 'manis.admin.port': '80' }, {}, 'host-missing'],
  ] as const)
    test(`${what} is told by its name: ${reason}`, () =>
      assert.deepEqual(
        read(container(labels, more as Partial<LabelledContainer>)).problems.map((one) => one.reason),
        [reason],
      ));

  test('Pangolin’s are read as its files are, with the container’s address', () => {
    const labels = {
      'pangolin.public-resources.app.full-domain': 'app.example.com',
      'pangolin.public-resources.app.protocol': 'http',
      'pangolin.public-resources.app.auth.sso-enabled': 'true',
      'pangolin.public-resources.app.targets[0].port': '9000',
      'pangolin.public-resources.app.targets[0].path': '/api',
      'pangolin.public-resources.app.targets[0].internal-port': '1',
    };
    const { resources, problems } = read(container(labels));
    assert.deepEqual(resources['app'], {
      host: 'app.example.com',
      targets: [{ url: 'http://172.18.0.2:9000' }],
      policy: {
        rules: [
          {
            ...{ id: 'people', name: 'Who may come in', when: { all: [] } },
            then: { kind: 'authenticate', anyOf: { signedIn: true } },
          },
        ],
      },
      http: {
        routes: [
          { name: 'target 1', when: { path: { prefix: '/api' } }, forward: { targets: ['http://172.18.0.2:9000'] } },
        ],
      },
    });
    assert.deepEqual(
      problems.map(({ reason }) => reason),
      ['not-carried-over'],
    );
  });

  for (const [what, address, port, more, isTaken] of [
    ['its own', '172.18.0.2', '80', {}, true],
    ['metadata of a cloud', '169.254.169.254', '80', {}, false],
    ['the machine', '127.0.0.1', '2375', {}, false],
    ['a port of its own at the machine', '127.0.0.1', '8081', { publishedPorts: [8081] }, true],
    ['a port of others at the machine', '127.0.0.1', '5432', { publishedPorts: [8081] }, false],
    ['that port at another machine', '10.0.0.7', '8081', { publishedPorts: [8081] }, false],
    ['its name, which may be an address', '2130706433', '80', { name: '2130706433' }, false],
    ['the machine, in the machine’s network', '127.0.0.1', '5432', { isHostNetwork: true }, true],
  ] as const)
    test(`lead to ${what}: ${isTaken ? 'taken' : 'refused'}`, () => {
      const own = container({ ...HOST, 'manis.address': address, 'manis.port': port }, more);
      const { resources, problems } = read(own);
      assert.equal(Object.keys(resources).length, isTaken ? 1 : 0);
      assert.deepEqual(
        problems.map(({ reason }) => reason),
        isTaken ? [] : ['address-not-own'],
      );
      const pangolin = {
        'pangolin.public-resources.app.full-domain': 'app.example.com',
        'pangolin.public-resources.app.protocol': 'http',
        'pangolin.public-resources.app.targets[0].hostname': address,
        'pangolin.public-resources.app.targets[0].port': port,
      };
      const { targets = [] } = (read(container(pangolin, more)).resources['app'] ?? {}) as { targets?: unknown[] };
      assert.equal(targets.length, isTaken ? 1 : 0);
    });

  test('of the machine’s own network are reached at this machine', () =>
    assert.deepEqual(
      (read(container(HOST, { isHostNetwork: true })).resources['web'] as { targets: unknown }).targets,
      [{ url: 'http://127.0.0.1:8080' }],
    ));

  test('whatever they say, nothing breaks', () =>
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.string(), fc.stringMatching(/^(manis|pangolin)\.[a-z.[\]0-9_]{0,40}$/)), fc.string()),
        (labels) => void read(container(labels)),
      ),
    ));
});
