import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { DomainRecord } from '../core/link/index.ts';
import { issueLeaf } from '../io/certificates.ts';
import { createRandom } from '../io/random.ts';
import { PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';

const PORTAL = 'portal.example.com';
const OPEN = 'open.example.com';
const PRIVATE = 'private.example.com';
const LOCAL = 'app.manis.localhost';
const STRICT = 'max-age=31536000';
const BROWSER = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

describe('Strict-Transport-Security', () => {
  let world: PopWorld;
  before(async () => {
    world = await PopWorld.start();
    const backend = createServer((request, response) => {
      if (request.url === '/own') response.setHeader('strict-transport-security', 'max-age=5');
      response.end('hello');
    });
    const port = await world.listen(backend);
    const hosts = [PORTAL, OPEN, PRIVATE];
    const leaf = issueLeaf(world.ca, { dns: hosts, ip: [] }, world.clock.unixMs(), createRandom());
    world.publishBasics(
      { kind: 'certificate', id: 'certificate-2', hosts, ...leaf },
      resource(port, { id: 'open', host: OPEN, policy: PUBLIC }),
      resource(port, { id: 'private', host: PRIVATE }),
      resource(port, { id: 'local', host: LOCAL, policy: PUBLIC }),
    );
  });
  after(() => world.stop());

  const table: [name: string, host: string, path: string, publicPort: number, status: number, expected?: string][] = [
    ['comes with what a backend answers', OPEN, '/', 443, 200, STRICT],
    ['is the backend’s own where it has one', OPEN, '/own', 443, 200, 'max-age=5'],
    ['comes with the way to the portal', PRIVATE, '/', 443, 302, STRICT],
    ['comes with an endpoint of Manis', OPEN, '/.well-known/manis/jwks.json', 443, 200, STRICT],
    ['comes with a refusal', OPEN, '/.manis/nothing', 443, 404, STRICT],
    ['comes with a page of the portal', PORTAL, '/sign-in', 443, 200, STRICT],
    ['is not said where another port is public', OPEN, '/', 8443, 200],
    ['is not said by the portal there either', PORTAL, '/sign-in', 8443, 200],
    ['is not said for localhost', LOCAL, '/', 443, 200],
  ];
  for (const [name, host, path, publicPort, status, expected] of table) {
    test(name, async () => {
      world.publish(world.installation({ publicPort, portalHost: PORTAL }));
      const answer = await world.fetch(host, path, { headers: BROWSER });
      assert.equal(answer.status, status, answer.body);
      assert.equal(answer.headers['strict-transport-security'], expected);
    });
  }

  const said = { isSaid: true, maxAgeSeconds: 60, includesSubDomains: false, preload: false } as const;
  const organisationId = 'org-1';
  const domains: [name: string, domain: Partial<DomainRecord>, expected?: string][] = [
    ['is what the domain says', { strictTransport: said }, 'max-age=60'],
    [
      'covers what is below, and may be preloaded, where the domain says so',
      { strictTransport: { ...said, includesSubDomains: true, preload: true } },
      'max-age=60; includeSubDomains; preload',
    ],
    ['is not said where the domain says no', { strictTransport: { isSaid: false } }],
    ['is as everywhere where the domain says nothing', {}, STRICT],
    ['is not for a domain of another organisation to say', { organisationId: 'org-2', strictTransport: said }, STRICT],
  ];
  for (const [name, domain, expected] of domains) {
    test(name, async () => {
      const record = { kind: 'domain', id: 'dom-1', organisationId, name: 'example.com', token: 'x' } as const;
      world.publish(world.installation({ publicPort: 443, portalHost: PORTAL }), { ...record, ...domain });
      const answer = await world.fetch(OPEN, '/', { headers: BROWSER });
      assert.equal(answer.headers['strict-transport-security'], expected);
    });
  }
});
