/** Against a small engine that answers in the words of Docker's API. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { LabelledContainer } from '../../core/blueprint/index.ts';
import { createLog } from '../log.ts';
import { ContainerWatch } from './container-watch.ts';
import { containerOf } from './engine.ts';

/** As Docker 27 lists one, shortened. */
const WEB = {
  Id: '8dfafdbc3a40',
  Names: ['/shop-web-1'],
  Image: 'nginx',
  State: 'running',
  Labels: { 'com.docker.compose.service': 'web', 'manis.host': 'shop.example.com' },
  Ports: [
    { PrivatePort: 80, Type: 'tcp' },
    { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { PrivatePort: 53, Type: 'udp' },
  ],
  HostConfig: { NetworkMode: 'shop_default' },
  NetworkSettings: { Networks: { shop_default: { IPAddress: '172.18.0.2', GlobalIPv6Address: '' } } },
};

class FakeEngine {
  readonly socketPath: string;
  containers: unknown[] = [WEB];
  #server: Server | undefined;
  #streams: ServerResponse[] = [];

  constructor(folder: string) {
    this.socketPath = join(folder, 'engine.sock');
  }

  async start(): Promise<void> {
    rmSync(this.socketPath, { force: true });
    this.#server = createServer((request, response) => {
      if (request.url?.startsWith('/containers/json')) response.end(JSON.stringify(this.containers));
      else if (request.url?.startsWith('/events')) {
        response.writeHead(200);
        response.flushHeaders();
        this.#streams.push(response);
      } else response.writeHead(404).end('{"message":"page not found"}');
    }).listen(this.socketPath);
    await once(this.#server, 'listening');
  }

  say(action: string): void {
    for (const stream of this.#streams) stream.write(`${JSON.stringify({ Type: 'container', Action: action })}\n`);
  }

  async stop(): Promise<void> {
    for (const stream of this.#streams.splice(0)) stream.destroy();
    this.#server?.closeAllConnections();
    if (this.#server) await new Promise((resolve) => this.#server?.close(resolve));
  }
}

describe('a watch on an engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-engine-'));
  const engine = new FakeEngine(folder);
  const heard: (readonly LabelledContainer[])[] = [];
  let wake = (): void => undefined;
  const log = createLog({ level: 'silent' as never, destination: { write: () => undefined } });
  const watch = new ContainerWatch({
    ...{ socketPath: engine.socketPath, log },
    changed: (containers) => {
      heard.push(containers);
      wake();
    },
  });
  const next = async (): Promise<readonly LabelledContainer[]> => {
    const count = heard.length;
    while (heard.length === count) await new Promise<void>((resolve) => (wake = resolve));
    return heard.at(-1) ?? [];
  };
  after(async () => {
    watch.stop();
    await engine.stop();
    rmSync(folder, { recursive: true });
  });

  test('says who runs at the start, and again when one stops; not when one is only looked after', async () => {
    await engine.start();
    watch.start();
    assert.deepEqual(await next(), [
      {
        ...{ name: 'shop-web-1', labels: WEB.Labels, addresses: { shop_default: '172.18.0.2' } },
        ...{ ports: [80], publishedPorts: [8080], isHostNetwork: false },
      },
    ]);
    engine.containers = [];
    engine.say('health_status: healthy');
    engine.say('die');
    assert.deepEqual(await next(), []);
  });

  test('comes back when the engine was restarted, and takes nothing down meanwhile', async () => {
    await engine.stop();
    engine.containers = [WEB];
    const before = heard.length;
    await engine.start();
    assert.equal((await next()).length, 1);
    assert.equal(heard.length, before + 1);
  });
});

describe('a container', () => {
  for (const [what, json] of [
    ['nothing', null],
    ['no name', { Labels: {} }],
    ['one that has stopped', { ...WEB, State: 'exited' }],
  ] as const)
    test(`is none of ${what}`, () => assert.equal(containerOf(json), undefined));

  test('of Podman has null where Docker has lists', () =>
    assert.deepEqual(
      containerOf({ Names: ['app'], Labels: null, Ports: null, NetworkSettings: { Networks: null }, State: 'running' }),
      { name: 'app', labels: {}, addresses: {}, ports: [], isHostNetwork: false },
    ));
});
