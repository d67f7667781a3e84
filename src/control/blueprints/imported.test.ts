// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** What importers make of files as people have them, and that control takes all of it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import {
  type Imported,
  importCloudflared,
  importNginx,
  importPangolin,
  type Json,
  type JsonObject,
} from '../../core/blueprint/index.ts';
import { ControlWorld } from '../../testing/control-world.ts';

const world = new ControlWorld();
before(async () => {
  await world.start();
});
after(() => world.end());

const SITE = { site: 'home' };
const yaml = (text: string): Json => parse(text) as Json;
const nginx = (text: string, files: Record<string, string> = {}) =>
  importNginx({ path: 'nginx.conf', text }, SITE, (pattern) =>
    pattern in files ? [{ path: pattern, text: files[pattern] ?? '' }] : [],
  );
const resource = ({ blueprint }: Imported, name: string): JsonObject =>
  ((blueprint['resources'] ?? {}) as Record<string, JsonObject>)[name] ?? {};
const noted = ({ notes }: Imported): string => notes.map(({ place, text }) => `${place}: ${text}`).join('\n');

async function taken({ blueprint }: Imported): Promise<void> {
  const secrets = Object.fromEntries(
    Object.values((blueprint['credentials'] ?? {}) as Record<string, { method: string; secret: { env: string } }>).map(
      ({ method, secret }) => [`env:${secret.env}`, method === 'pin' ? '835217' : 'a river in the hills'],
    ),
  );
  const answer = await world.api('POST', '/blueprint/plan', { text: stringify(blueprint), secrets });
  assert.equal(answer.status, 200, `${JSON.stringify(answer.body, null, 1)}\n${stringify(blueprint)}`);
}

const SIMPLE = `
user www-data; worker_processes auto; pid /run/nginx.pid;
events { worker_connections 768; }
http {
  include /etc/nginx/mime.types; sendfile on; gzip on; server_tokens off;
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  upstream backend { least_conn; server 10.0.0.1:8080 weight=3; server 10.0.0.2:8080; server 10.0.0.3:8080 backup; keepalive 16; }
  include sites/*.conf;
  server { listen 80; server_name app.example.com; return 301 https://$host$request_uri; }
  server {
    listen 443 ssl http2; server_name app.example.com;
    ssl_certificate /etc/x.pem; ssl_certificate_key /etc/x.key;
    client_max_body_size 50m;
    add_header X-Frame-Options "SAMEORIGIN" always;
    add_header Strict-Transport-Security "max-age=63072000" always;
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
      proxy_set_header Host $host; proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Custom "value; with semicolon";
      proxy_read_timeout 5m;
    }
    location /api/ { proxy_pass http://10.0.0.9:9000/; }
    location /v1/ { proxy_pass http://10.0.0.9:9000/v2/; }
    location = /health { return 200 "ok"; }
    location ~* ^/old/(.*)$ { return 301 /new/$1; }
    location ~ \\.php$ { fastcgi_pass unix:/run/php.sock; }
    location /admin { allow 192.0.2.0/24; deny all; proxy_pass http://10.0.0.9:9001; auth_basic "Admin"; auth_basic_user_file /etc/htpasswd; }
    location /.well-known/acme-challenge/ { root /var/www; }
  }
}
stream { server { listen 5432; proxy_pass 10.0.0.5:5432; } server { listen 53 udp; proxy_pass dns; } upstream dns { server 10.0.0.53:53; } }
`;

describe('nginx', () => {
  const made = nginx(SIMPLE, {
    'sites/*.conf': `server { server_name wiki.example.com *.lab.example.com;
      location / { proxy_pass https://10.0.0.7; proxy_set_header Host wiki.internal; } }
      server { server_name _; listen 443 default_server; return 444; }`,
  });
  const app = resource(made, 'app.example.com') as {
    targets: JsonObject[];
    http: { routes: JsonObject[]; limits: JsonObject };
  };

  test('upstreams are targets, with weights and reserves', () =>
    assert.deepEqual(app.targets.slice(0, 3), [
      { site: 'home', url: 'http://10.0.0.1:8080', weight: 3 },
      { site: 'home', url: 'http://10.0.0.2:8080' },
      { site: 'home', url: 'http://10.0.0.3:8080', priority: 1 },
    ]));

  test('locations are routes, in the order in which nginx asks them', () => {
    const said = app.http.routes.map(({ name, priority, when, forward, redirect, answer }) => ({
      ...{ name, priority, when },
      what: forward ?? redirect ?? answer,
    }));
    assert.deepEqual(said[1], {
      ...{ name: '/api/', priority: undefined, when: { path: { prefix: '/api' } } },
      what: { targets: ['home http://10.0.0.9:9000'], stripPrefix: '/api' },
    });
    assert.deepEqual(said[2]?.what, {
      targets: ['home http://10.0.0.9:9000'],
      replacePrefix: { prefix: '/v1', with: '/v2' },
    });
    assert.deepEqual(said[3], {
      ...{ name: '= /health', priority: 900, when: { path: { exact: '/health' } } },
      what: { status: 200, body: 'ok' },
    });
    assert.deepEqual(said[4]?.what, { to: '/new/{1}', status: 301 });
    assert.deepEqual(said[4]?.when, { path: { regex: '^/old/(.*)$', ignoreCase: true } });
  });

  test('fields, sizes and times go along; what PoPs write themselves does not', () => {
    const root = app.http.routes[0] as { forward: { headers: JsonObject } };
    assert.deepEqual(root.forward.headers, { request: [{ set: 'X-Custom', value: 'value; with semicolon' }] });
    assert.deepEqual(app.http.limits, { bodyBytes: 52_428_800, answerMs: 300_000 });
    assert.deepEqual((app.http as unknown as { headers: JsonObject }).headers, {
      response: [{ set: 'X-Frame-Options', value: 'SAMEORIGIN' }],
    });
  });

  test('addresses that were let in alone are the only ones that are not refused', () =>
    assert.deepEqual((app as unknown as { policy: { rules: JsonObject[] } }).policy.rules, [
      {
        ...{ id: 'addresses-1', name: 'From other addresses', then: { kind: 'deny' } },
        when: { all: [{ path: { prefix: '/admin' } }, { not: { ip: ['192.0.2.0/24'] } }] },
      },
    ]));

  test('each name is a resource, streams are too, and what is included was read', () => {
    assert.deepEqual(Object.keys((made.blueprint['resources'] ?? {}) as object).sort(), [
      ...['*.lab.example.com', 'app.example.com', 'tcp 5432', 'udp 53', 'wiki.example.com'],
    ]);
    assert.deepEqual(resource(made, 'wiki.example.com')['targets'], [
      { site: 'home', url: 'https://10.0.0.7', hostHeader: 'wiki.internal' },
    ]);
    assert.deepEqual(resource(made, 'udp 53')['targets'], [{ site: 'home', url: 'udp://10.0.0.53:53' }]);
  });

  for (const said of [
    /auth_basic_user_file: make a header credential/,
    /ssl_certificate: not needed/,
    /fastcgi_pass: Manis publishes applications/,
    /hsts of the domain/,
    /PoPs lead http:\/\/ to https/,
    /did not verify the certificate/,
    /server_name _/,
    /nginx\.conf:6 map/,
    /acme-challenge|answers challenges itself/,
    /nobody may open it yet/,
  ])
    test(`the report says ${said.source}`, () => assert.match(noted(made), said));

  test('control takes it', () => taken(made));

  for (const [what, text] of [
    ['an open block', 'server { server_name a.example.com; location / {'],
    ['an end too many', 'server { } }'],
    ['a quote that does not end', 'server { server_name "a; }'],
    ['nothing', ''],
    ['deep nesting', 'a {'.repeat(5_000)],
  ] as const)
    test(`${what} is told and breaks nothing`, () => void nginx(text));
});

const CLOUDFLARED = `
tunnel: 6ff42ae2-765d-4adf-8112-31c55c1551ef
credentials-file: /root/.cloudflared/x.json
originRequest: { connectTimeout: 30s }
ingress:
  - { hostname: app.example.com, path: '^/static/', service: 'https://localhost:8001', originRequest: { noTLSVerify: true, originServerName: inner } }
  - { hostname: app.example.com, path: '\\.(jpg|png)$', service: http_status:410 }
  - { hostname: app.example.com, service: 'http://localhost:8000', originRequest: { httpHostHeader: app.local, caPool: /x.pem } }
  - { hostname: '*.example.org', service: 'unix:/run/app.sock' }
  - { hostname: ssh.example.com, service: 'ssh://localhost:22' }
  - { hostname: hello.example.com, service: hello_world }
  - service: http_status:404
`;

describe('cloudflared', () => {
  const made = importCloudflared(yaml(CLOUDFLARED), SITE);

  test('rules of one host are its routes, the first that matches first', () => {
    const app = resource(made, 'app.example.com') as { targets: JsonObject[]; http: { routes: JsonObject[] } };
    assert.deepEqual(app.targets, [
      { site: 'home', url: 'https://localhost:8001', tls: { verify: false, serverName: 'inner' } },
      { site: 'home', url: 'http://localhost:8000', hostHeader: 'app.local' },
    ]);
    assert.deepEqual(
      app.http.routes.map(({ priority, when }) => [priority, when]),
      [
        [1000, { path: { regex: '^/static/.*$' } }],
        [999, { path: { regex: '^.*(?:\\.(jpg|png))$' } }],
        [998, undefined],
      ],
    );
  });

  test('ssh is a resource that people sign in to', () =>
    assert.deepEqual(resource(made, 'ssh.example.com'), {
      ...{ kind: 'access', host: 'ssh.example.com' },
      targets: [{ site: 'home', url: 'tcp://localhost:22' }],
    }));

  test('the report names every key that is not carried over', () => {
    for (const key of [
      /tunnel:/,
      /credentials-file:/,
      /connectTimeout/,
      /caPool/,
      /hello_world/,
      /ingress\[6\].*not needed/,
    ])
      assert.match(noted(made), key);
  });

  test('control takes it', () => taken(made));
  test('anything at all breaks nothing', () => {
    for (const json of [null, 1, 'x', [], { ingress: 1 }, { ingress: [null, 'x', { hostname: 3, service: {} }] }])
      importCloudflared(json as Json, SITE);
  });
});

const PANGOLIN = `
public-resources:
  app:
    name: App
    protocol: http
    full-domain: app.example.com
    host-header: inner.example.com
    headers: [ { name: X-A, value: b } ]
    auth: { sso-enabled: true, sso-roles: [Dev Team], sso-users: [ann@example.com], pincode: "123456", basic-auth: { user: bot, password: secret }, whitelist-users: [guest@example.com], auto-login-idp: 1 }
    rules:
      - { action: deny, match: country, value: RU, priority: 2 }
      - { action: allow, match: path, value: "/health", priority: 1 }
      - { action: pass, match: cidr, value: 192.0.2.0/24 }
      - { action: allow, match: region, value: EU }
    targets:
      - { site: lab, hostname: 10.0.0.1, method: http, port: 8080, path: /api, path-match: prefix, rewrite-path: /, rewrite-match: stripPrefix, internal-port: 3, healthcheck: { hostname: 10.0.0.1, port: 8080, path: /health, interval: 30, timeout: 5, method: GET, status: 200, follow-redirects: true } }
      - { hostname: 10.0.0.2, method: https, port: 8443 }
  open: { protocol: http, full-domain: open.example.com, targets: [ { hostname: web, port: 80 } ] }
  db: { protocol: tcp, proxy-port: 5432, targets: [ { hostname: 10.0.0.5, port: 5432 } ] }
private-resources: { nas: { mode: host } }
extra: 1
`;

describe('Pangolin', () => {
  const made = importPangolin(yaml(PANGOLIN), SITE);
  const app = resource(made, 'App') as {
    policy: { rules: JsonObject[] };
    targets: JsonObject[];
    http: { routes: JsonObject[] };
  };

  test('rules keep their order, and sign-in comes last', () => {
    const people = {
      kind: 'authenticate',
      anyOf: { roles: ['Dev-Team'], emails: ['ann@example.com', 'guest@example.com'], credentials: ['pin', 'header'] },
    };
    assert.deepEqual(
      app.policy.rules.map(({ when, then }) => [when, then]),
      [
        [{ path: { glob: '/health' } }, { kind: 'bypass' }],
        [{ country: ['RU'] }, { kind: 'deny' }],
        [{ ip: ['192.0.2.0/24'] }, people],
        [{ all: [] }, people],
      ],
    );
  });

  test('targets, their checks and rewriting are carried over', () => {
    assert.deepEqual(app.targets[0], {
      ...{ site: 'lab', url: 'http://10.0.0.1:8080', hostHeader: 'inner.example.com' },
      check: {
        kind: 'http',
        intervalMs: 30_000,
        timeoutMs: 5_000,
        path: '/health',
        method: 'GET',
        expectedStatus: ['200'],
      },
    });
    assert.deepEqual(app.http.routes[0]?.['forward'], { targets: ['lab http://10.0.0.1:8080'], stripPrefix: '/api' });
  });

  test('what was open to everybody is not, until somebody says so', () =>
    assert.deepEqual((resource(made, 'open')['policy'] as { rules: JsonObject[] }).rules[0], {
      ...{ id: 'open', name: 'Open to everybody, as it was', enabled: false },
      ...{ when: { all: [] }, then: { kind: 'bypass' } },
    }));

  test('secrets are references, and nowhere in what was made', () => {
    assert.doesNotMatch(JSON.stringify(made.blueprint), /123456|"secret"\s*:\s*"secret/);
    assert.match(noted(made), /pincode: .*PIN_APP/);
  });

  test('the report names every key that is not carried over', () => {
    for (const key of [
      /internal-port/,
      /follow-redirects/,
      /region/,
      /auto-login-idp/,
      /nas/,
      /extra/,
      /healthcheck\.hostname/,
    ])
      assert.match(noted(made), key);
  });

  test('control takes it', () => taken(made));
  test('anything at all breaks nothing', () => {
    for (const json of [null, [], { 'public-resources': { a: null, b: { targets: [null, 1], rules: [2], auth: [] } } }])
      importPangolin(json as Json, SITE);
  });
});
