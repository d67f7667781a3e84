import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createDnsProvider } from './create-dns-provider.ts';
import type { DnsProvider } from './dns-provider.ts';

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
type Reply = { readonly status?: number; readonly headers?: Record<string, string>; readonly body: string };

/** A server of an API that a test answers for. */
class StandIn {
  readonly asked: Asked[] = [];
  answer: (asked: Asked) => Reply = () => ({ body: '' });
  readonly #server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://x');
      const asked = { method: request.method ?? '', url, headers: request.headers, body };
      this.asked.push(asked);
      const reply = this.answer(asked);
      response.writeHead(reply.status ?? 200, reply.headers);
      response.end(reply.body);
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const NAME = '_acme-challenge.www.example.com';
const UNIX_MS = Date.UTC(2026, 10, 26, 2, 30, 0);
const waits: number[] = [];
const ports = {
  unixMs: () => UNIX_MS,
  wait: async (ms: number) => void waits.push(ms),
};

describe('Cloudflare', () => {
  const api = new StandIn();
  let provider: DnsProvider;
  let records: { id: string; name: string; content: string }[] = [];
  const ok = (result: unknown): Reply => ({ body: JSON.stringify({ success: true, errors: [], result }) });
  const failed = (status: number, code: number, message: string): Reply => ({
    status,
    body: JSON.stringify({ success: false, errors: [{ code, message }], result: null }),
  });
  const serve = ({ method, url, headers, body }: Asked): Reply => {
    if (headers.authorization !== 'Bearer right') return failed(403, 9109, 'Invalid access token');
    const { pathname: path, searchParams: query } = url;
    if (path === '/client/v4/zones')
      return ok(query.get('name') === 'example.com' ? [{ id: 'z1', name: 'example.com' }] : []);
    if (path === '/client/v4/zones/z1/dns_records' && method === 'GET')
      return ok(records.filter(({ name }) => name === query.get('name')));
    if (path === '/client/v4/zones/z1/dns_records' && method === 'POST') {
      const made = JSON.parse(body) as { name: string; content: string; type: string; ttl: number };
      assert.deepEqual([made.type, made.ttl], ['TXT', 60]);
      if (records.some((one) => one.name === made.name && one.content === made.content))
        return failed(400, 81058, 'An identical record already exists.');
      records.push({ id: `r${records.length}`, name: made.name, content: made.content });
      return ok({});
    }
    records = records.filter(({ id }) => !path.endsWith(`/${id}`));
    return ok({});
  };
  let endpoint = '';
  before(async () => {
    endpoint = await api.start();
  });
  after(() => api.stop());
  beforeEach(() => {
    records = [];
    waits.length = 0;
    api.answer = serve;
    provider = createDnsProvider({ kind: 'cloudflare', endpoint, allowPrivate: true }, 'right', ports);
  });

  test('finds the zone, adds beside what is there, twice without harm, and removes one alone', async () => {
    await provider.putTxt(NAME, 'one');
    await provider.putTxt(NAME, 'two');
    await provider.putTxt(NAME, 'two');
    assert.deepEqual(
      records.map(({ content }) => content),
      ['"one"', '"two"'],
    );
    await provider.removeTxt(NAME, 'one');
    await provider.removeTxt(NAME, 'one');
    assert.deepEqual(
      records.map(({ content }) => content),
      ['"two"'],
    );
    assert.equal(await provider.zoneOf(NAME), 'example.com');
  });

  test('waits as long as it is asked to, and gives up in the end', async () => {
    let refusals = 2;
    api.answer = (asked) =>
      refusals-- > 0 ? { status: 429, headers: { 'retry-after': '7' }, body: '' } : serve(asked);
    await provider.putTxt(NAME, 'one');
    assert.deepEqual(waits, [7_000, 7_000]);
    api.answer = () => ({ status: 500, body: 'oops' });
    await assert.rejects(provider.putTxt(NAME, 'one'), { code: 'dns-provider-busy' });
  });

  const failures: [string, (asked: Asked) => Reply, string, string, RegExp][] = [
    ['a token that is not good', serve, 'wrong', 'dns-provider-denied', /Invalid access token \(9109\)/],
    ['a token that sees no zone', () => ok([]), 'right', 'dns-provider-zone-unknown', /no zone for _acme/],
    [
      'a refusal',
      (asked) => (asked.method === 'POST' ? failed(400, 9005, 'Content is invalid') : serve(asked)),
      ...(['right', 'dns-provider-refused', /Content is invalid \(9005\)/] as const),
    ],
    ['an answer that is no JSON', () => ({ body: '<html>' }), 'right', 'dns-provider-refused', /no JSON/],
    [
      'a way to somewhere else',
      () => ({ status: 302, headers: { location: 'http://169.254.169.254/' }, body: '' }),
      ...(['right', 'dns-provider-unreachable', /leads elsewhere/] as const),
    ],
  ];
  for (const [name, answer, token, code, message] of failures)
    test(`says what is wrong: ${name}`, async () => {
      api.answer = answer;
      const asks = createDnsProvider({ kind: 'cloudflare', endpoint, allowPrivate: true }, token, ports);
      await assert.rejects(asks.putTxt(NAME, 'one'), (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.ok(!error.message.includes('Bearer'));
        return true;
      });
    });

  test('does not go to a private address unless that is set', async () => {
    const asks = createDnsProvider({ kind: 'cloudflare', endpoint }, 'right', ports);
    await assert.rejects(asks.putTxt(NAME, 'one'), { code: 'dns-provider-unreachable' });
  });
});

describe('Route 53', () => {
  const api = new StandIn();
  const key = { kind: 'route53', accessKeyId: 'AKIDEXAMPLE', allowPrivate: true } as const;
  let provider: DnsProvider;
  let set: { values: string[]; ttl: string } | undefined;
  let pending = 0;
  let endpoint = '';
  const error = (status: number, code: string, message: string): Reply => ({
    status,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  });
  const changeInfo = (): string =>
    `<ChangeInfo><Id>/change/C1</Id><Status>${pending-- > 0 ? 'PENDING' : 'INSYNC'}</Status></ChangeInfo>`;
  const serve = (asked: Asked): Reply => {
    const fault = signatureFault(asked);
    if (fault) return error(403, 'SignatureDoesNotMatch', fault);
    const { pathname: path, searchParams: query } = asked.url;
    if (path === '/2013-04-01/hostedzonesbyname') {
      const name = query.get('dnsname') === 'example.com' ? 'example.com.' : 'zzz.example.';
      const zone = `<HostedZone><Id>/hostedzone/Z1</Id><Name>${name}</Name><Config><PrivateZone>false</PrivateZone></Config></HostedZone>`;
      return { body: `<Response><HostedZones>${zone}</HostedZones></Response>` };
    }
    if (path === '/2013-04-01/change/C1') return { body: changeInfo() };
    if (asked.method === 'GET') {
      const values = (set?.values ?? ['"x"']).map(
        (value) => `<ResourceRecord><Value>${value}</Value></ResourceRecord>`,
      );
      const name = set ? `${NAME}.` : 'zzz.example.com.';
      const found = `<Name>${name}</Name><Type>TXT</Type><TTL>${set?.ttl ?? '5'}</TTL><ResourceRecords>${values.join('')}</ResourceRecords>`;
      return {
        body: `<R><ResourceRecordSets><ResourceRecordSet>${found}</ResourceRecordSet></ResourceRecordSets></R>`,
      };
    }
    const values = [...asked.body.matchAll(/<Value>(.*?)<\/Value>/g)].map(([, value]) => value ?? '');
    const ttl = /<TTL>(\d+)</.exec(asked.body)?.[1] ?? '';
    if (asked.body.includes('<Action>DELETE')) {
      assert.deepEqual({ values, ttl }, set, 'a deletion names the whole set');
      set = undefined;
    } else set = { values, ttl };
    return { body: `<R>${changeInfo()}</R>` };
  };
  before(async () => {
    endpoint = await api.start();
  });
  after(() => api.stop());
  beforeEach(() => {
    set = undefined;
    pending = 0;
    waits.length = 0;
    api.answer = serve;
    provider = createDnsProvider({ ...key, endpoint }, 'wJalrXUtnFEMI', ports);
  });

  /** Computes the signature as the service does, from what came over the wire. */
  function signatureFault({ method, url, headers, body }: Asked): string | undefined {
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    const [, credential = '', signed = '', signature] =
      /Credential=(.+?), SignedHeaders=(.+?), Signature=(\w+)/.exec(headers.authorization ?? '') ?? [];
    const [id, day = '', region = '', service = ''] = credential.split('/');
    if (id !== 'AKIDEXAMPLE') return 'unknown key';
    const date = String(headers['x-amz-date']);
    if (date !== '20261126T023000Z') return `wrong time ${date}`;
    const fields = signed.split(';').map((name) => `${name}:${String(headers[name])}\n`);
    const canonical = [method, url.pathname, url.search.slice(1), fields.join(''), signed, sha256(body)].join('\n');
    const toSign = ['AWS4-HMAC-SHA256', date, `${day}/${region}/${service}/aws4_request`, sha256(canonical)].join('\n');
    let secret: string | Buffer = 'AWS4wJalrXUtnFEMI';
    for (const part of [day, region, service, 'aws4_request'])
      secret = createHmac('sha256', secret).update(part).digest();
    return createHmac('sha256', secret).update(toSign).digest('hex') === signature ? undefined : 'not the signature';
  }

  test('keeps what others have at the name, waits until it is everywhere, and takes its own away', async () => {
    set = { values: ['"of somebody else"'], ttl: '300' };
    pending = 2;
    await provider.putTxt(NAME, 'one');
    assert.deepEqual(set, { values: ['"of somebody else"', '"one"'], ttl: '300' });
    assert.deepEqual(waits, [5_000, 5_000]);
    await provider.removeTxt(NAME, 'one');
    assert.deepEqual(set, { values: ['"of somebody else"'], ttl: '300' });
  });

  test('makes the record where there is none, and removes it whole', async () => {
    await provider.putTxt(NAME, 'one');
    await provider.putTxt(NAME, 'one');
    assert.deepEqual(set, { values: ['"one"'], ttl: '60' });
    await provider.removeTxt(NAME, 'other');
    await provider.removeTxt(NAME, 'one');
    assert.equal(set, undefined);
  });

  test('asks again where it is throttled, or an earlier change is not done', async () => {
    const habits = ['Throttling', 'PriorRequestNotComplete'];
    api.answer = (asked) => {
      const code = habits.shift();
      return code === undefined ? serve(asked) : error(400, code, 'later');
    };
    await provider.putTxt(NAME, 'one');
    assert.deepEqual(waits, [1_000, 2_000]);
  });

  const failures: [string, (asked: Asked) => Reply, string, string, RegExp][] = [
    ['a secret that is not good', serve, 'wrong', 'dns-provider-denied', /SignatureDoesNotMatch/],
    [
      'a key without rights',
      () => error(403, 'AccessDenied', 'not authorized to perform'),
      ...(['wJalrXUtnFEMI', 'dns-provider-denied', /not authorized to perform \(AccessDenied\)/] as const),
    ],
    [
      'a refusal',
      (asked) => (asked.method === 'POST' ? error(400, 'InvalidChangeBatch', 'bad set') : serve(asked)),
      ...(['wJalrXUtnFEMI', 'dns-provider-refused', /bad set \(InvalidChangeBatch\)/] as const),
    ],
  ];
  for (const [name, answer, secret, code, message] of failures)
    test(`says what is wrong: ${name}`, async () => {
      api.answer = answer;
      const asks = createDnsProvider({ ...key, endpoint }, secret, ports);
      await assert.rejects(asks.putTxt(NAME, 'one'), (failure: Error & { code: string }) => {
        assert.equal(failure.code, code);
        assert.match(failure.message, message);
        return true;
      });
    });
});
