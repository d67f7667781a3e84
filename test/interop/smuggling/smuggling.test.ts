/**
 * heavy: several hundred requests as attackers write them, through a PoP to four real backends. Proxy and backend must
 * never disagree on where a request ends, and never on what its path is.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';
import type { Policy } from '../../../src/core/policy/index.ts';
import { PORTAL_HOST, PopWorld, PUBLIC, resource } from '../../../src/testing/pop-world.ts';
import { requireTools } from '../requirements.ts';
import { type Backend, type SeenRequest, startApache, startNginx, startNode, startPython } from './backends.ts';
import { CLOSED_PATH, CRAFTED, type CraftedRequest } from './crafted-requests.ts';

const BACKENDS = [
  { name: 'node', start: startNode, needs: undefined },
  { name: 'nginx', start: startNginx, needs: '/usr/sbin/nginx' },
  { name: 'Apache', start: startApache, needs: '/usr/sbin/apache2' },
  { name: 'Python', start: startPython, needs: '/usr/bin/python3' },
] as const;

/** Connections at once: many, so that requests of different ones share connections to the backend. */
const AT_ONCE = 12;
/** A request that never ends is given up by its client. */
const PATIENCE_MS = 1_500;
/** An id as the PoP makes them. */
const REQUEST_ID = /^[0-9a-z]+-[0-9a-z]+$/;

/** All but what is below the closed path is open to everybody. */
const POLICY: Policy = {
  rules: [
    // biome-ignore lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
    { id: 'closed', name: 'Closed', enabled: true, when: { path: { prefix: CLOSED_PATH } }, then: { kind: 'deny' } },
    ...PUBLIC.rules,
  ],
};

for (const { name, start, needs } of BACKENDS) {
  describe(`crafted requests before ${name}`, { timeout: 300_000 }, () => {
    let world: PopWorld;
    let backend: Backend | undefined;
    let answers: readonly Outcome[] = [];
    const host = `${name.toLowerCase()}.${PORTAL_HOST}`;

    before(async (context) => {
      if (needs !== undefined && !requireTools(context as never, [needs])) return;
      world = await PopWorld.start();
      backend = await start();
      world.publishBasics(resource(backend.port, { id: 'app', host, policy: POLICY }));
      answers = await sendAll(world.port, host);
    });
    after(async () => {
      await backend?.stop();
      await world?.stop();
    });

    const seen = (): readonly SeenRequest[] => backend?.seen() ?? [];

    test(`are ${CRAFTED.length}, and every one is answered or cut`, () => {
      assert.deepEqual(
        answers.filter(({ how }) => how === 'silent').map(({ crafted }) => crafted.name),
        [],
      );
    });

    test('reach it as requests that the PoP has made, each once', () => {
      const ids = seen().map(({ id }) => id);
      assert.deepEqual(
        seen().filter(({ id }) => !REQUEST_ID.test(id)),
        [],
        'a request without the mark of the PoP was smuggled',
      );
      assert.equal(new Set(ids).size, ids.length, 'two requests of the backend were one of the PoP');
    });

    test('never bring another request with them', () => {
      assert.deepEqual(
        seen().filter(({ target }) => target.includes('smuggled')),
        [],
      );
    });

    test('are as many for it as for the PoP, which answers each that it takes, or cuts the last', () => {
      const reached = Map.groupBy(seen(), ({ probe }) => probe);
      for (const { crafted, number, text } of answers) {
        const answered = text.match(/HTTP\/1\.1 [2-5]\d\d /g)?.length ?? 0;
        const isCut = !/Connection: close/i.test(text);
        const took = reached.get(digits(number))?.length ?? 0;
        assert.ok(
          took <= answered + (isCut ? 1 : 0),
          `${crafted.name}: ${took} requests at the backend, ${answered} answers`,
        );
      }
    });

    test('never reach what is closed, and mean the same path to both', () => {
      for (const { target, path } of seen()) {
        const [raw = ''] = target.split('?', 1);
        const decoded = decodeURIComponent(raw);
        assert.doesNotMatch(decoded, /^\/admin(?:\/|$)/, target);
        assert.doesNotMatch(decoded, /\/\.{1,2}(?:\/|$)|\/\/|\\/, `${target} may be read in two ways`);
        // Backends write what they cannot print in ways of their own.
        if (path !== undefined && /^[\x20-\x7e]*$/.test(decoded)) assert.equal(path, decoded);
      }
    });

    test('leave the PoP as it was: honest requests are answered behind and after them', async () => {
      const answer = await world.fetch(host, '/honest');
      assert.equal(answer.status === 200 || answer.status === 404, true);
      assert.ok(seen().filter(({ target }) => target === '/after').length > 50);
    });

    test('would be noticed, had they passed the PoP by', async () => {
      const socket = connectPlain({ host: '127.0.0.1', port: backend?.port ?? 0 });
      socket.end(`GET /smuggled HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      await once(socket.resume(), 'close');
      const [last] = seen().slice(-1);
      assert.deepEqual([last?.target, last?.id], ['/smuggled', '']);
    });
  });
}

interface Outcome {
  readonly crafted: CraftedRequest;
  readonly number: number;
  readonly how: 'answered' | 'cut' | 'silent';
  readonly text: string;
}

/** A number in as many characters as it stands for in the bytes. */
function digits(number: number): string {
  return String(number).padStart('NUMBER'.length, '0');
}

async function sendAll(port: number, host: string): Promise<readonly Outcome[]> {
  const left = [...CRAFTED.entries()];
  const outcomes: Outcome[] = [];
  const one = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) outcomes.push(await send(port, host, next[1], next[0]));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return outcomes;
}

function send(port: number, host: string, crafted: CraftedRequest, number: number): Promise<Outcome> {
  const honest = `GET /after HTTP/1.1\r\nHost: ${host}\r\nX-Probe: ${digits(number)}\r\nConnection: close\r\n\r\n`;
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername: host, rejectUnauthorized: false });
    let text = '';
    let isGivenUp = false;
    socket.setEncoding('latin1');
    let givingUp: NodeJS.Timeout | undefined;
    const patience = setTimeout(() => {
      socket.end();
      givingUp = setTimeout(() => {
        isGivenUp = true;
        socket.destroy();
      }, PATIENCE_MS);
    }, PATIENCE_MS);
    socket.on('secureConnect', () =>
      socket.write(`${crafted.bytes.replaceAll('HOST', host).replaceAll('NUMBER', digits(number))}${honest}`, 'latin1'),
    );
    socket.on('data', (part: string) => (text += part));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(patience);
      clearTimeout(givingUp);
      const how = text !== '' ? 'answered' : isGivenUp ? 'silent' : 'cut';
      resolve({ crafted, number, how, text });
    });
  });
}
