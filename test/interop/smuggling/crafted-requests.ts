/**
 * Requests as attackers write them: framing that two readers may take differently, heads that break the grammar, and
 * paths in every spelling. Sources: RFC 9112, RFC 9110, the work of Kettle (2019, 2021) and of the HTTP Garden (2024).
 * `HOST` stands for the host that is asked, `NUMBER` for the case's, in six digits.
 */
export interface CraftedRequest {
  readonly name: string;
  /** Bytes as latin1. */
  readonly bytes: string;
}

/** What must never reach a backend as a request of its own: the PoP would refuse it, as its host is not the connection's. */
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: smuggled.example\r\nX-Probe: NUMBER\r\n\r\n';
/** What no rule admits, however it is spelled. */
export const CLOSED_PATH = '/admin';

const TRANSFER_ENCODINGS = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: \x0bchunked',
  'Transfer-Encoding: chunked\x0b',
  'Transfer-Encoding: chunked ',
  'Transfer-Encoding: Chunked',
  'Transfer-Encoding: CHUNKED',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunkedx',
  'Transfer-Encoding: chunk',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: chunked,',
  'Transfer-Encoding: ,chunked',
  'Transfer-Encoding: chunked;q=1',
  'Transfer-Encoding: cow',
  'Transfer-Encoding:',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: cow',
  'Transfer-Encoding: cow\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding\r\n : chunked',
  'Transfer-Encoding:\r\n chunked',
  'Transfer-Encoding: chunked\r\n , identity',
  ' Transfer-Encoding: chunked',
  '\tTransfer-Encoding: chunked',
  'X: x\nTransfer-Encoding: chunked',
  'X: x\rTransfer-Encoding: chunked',
  'X: x\r\n\rTransfer-Encoding: chunked',
  'Transfer-Encoding\0: chunked',
  'Transfer-Encoding: chunked\0',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding: chunked\nX: x',
  'tRANSFER-eNCODING: chunked',
  'Transfer-Encoding: \xe3\x85\xa3chunked',
  'Transfer-Encoding\xa0: chunked',
  'Transfer-Encoding: chunked\xa0',
  'TE: trailers\r\nTransfer-Encoding: chunked',
  'Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked',
] as const;

const CONTENT_LENGTHS = [
  'Content-Length: 0',
  'Content-Length: 5',
  'Content-Length: +5',
  'Content-Length: -5',
  'Content-Length: 05',
  'Content-Length: 0x5',
  'Content-Length: 5 ',
  'Content-Length:5',
  'Content-Length : 5',
  'Content-Length: 5,5',
  'Content-Length: 5, 5',
  'Content-Length: 5, 6',
  'Content-Length: 5;',
  'Content-Length: 5.0',
  'Content-Length: 5e0',
  'Content-Length: "5"',
  'Content-Length: 5\r\nContent-Length: 5',
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: 0\r\nContent-Length: 50',
  'Content-Length: 50\r\nContent-Length: 0',
  'Content-Length:',
  'Content-Length: ',
  'Content-Length: a',
  'Content-Length: 99999999999999999999',
  'Content-Length: 18446744073709551616',
  'Content-Length: 4294967301',
  'Content-Length: 5\r\n 0',
  'Content-Length:\r\n 5',
  'Content-Length: 5\0',
  'Content_Length: 5',
  'Content-Length\xa0: 5',
  'Content-Length: \xb25',
  'X: x\nContent-Length: 5',
  'Connection: Content-Length\r\nContent-Length: 5',
  'Content-Length: 5\r\nConnection: close, Content-Length',
] as const;

const CHUNKED_BODIES = [
  '5\r\nhello\r\n0\r\n\r\n',
  '0\r\n\r\n',
  '5;a=b\r\nhello\r\n0\r\n\r\n',
  '5;a="b\r\nc"\r\nhello\r\n0\r\n\r\n',
  '5 \r\nhello\r\n0\r\n\r\n',
  ' 5\r\nhello\r\n0\r\n\r\n',
  '+5\r\nhello\r\n0\r\n\r\n',
  '-5\r\nhello\r\n0\r\n\r\n',
  '0x5\r\nhello\r\n0\r\n\r\n',
  '5\nhello\n0\n\n',
  '5\rhello\r0\r\r',
  '5\r\nhello0\r\n\r\n',
  '5\r\nhelloX\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\nX: x\r\n\r\n',
  '5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\nContent-Length: 50\r\n\r\n',
  '5\r\nhello\r\n0\r\nX-Manis-Request-Id: forged\r\nHost: other\r\n\r\n',
  '5\r\nhello\r\n00\r\n\r\n',
  '0000000000000000000005\r\nhello\r\n0\r\n\r\n',
  'ffffffffffffffff5\r\nhello\r\n0\r\n\r\n',
  '100000005\r\nhello\r\n0\r\n\r\n',
  '5,5\r\nhello\r\n0\r\n\r\n',
  'g\r\nhello\r\n0\r\n\r\n',
  '\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\n',
  '5\r\nhello\r\n0;\n\r\n',
  `3\r\na\n5\r\n${'x'.repeat(90)}\r\n0\r\n\r\n`,
  '5;\r\nhello\r\n0\r\n\r\n',
  '5;\x00\r\nhello\r\n0\r\n\r\n',
  `5;${'x'.repeat(9000)}\r\nhello\r\n0\r\n\r\n`,
] as const;

const REQUEST_LINES = [
  'GET /line HTTP/1.0',
  'GET /line HTTP/0.9',
  'GET /line HTTP/1.2',
  'GET /line HTTP/2.0',
  'GET /line HTTP/1.1 ',
  'GET  /line HTTP/1.1',
  'GET /line  HTTP/1.1',
  'GET\t/line\tHTTP/1.1',
  'GET /line\x0bHTTP/1.1',
  ' GET /line HTTP/1.1',
  '\r\nGET /line HTTP/1.1',
  '\nGET /line HTTP/1.1',
  'get /line HTTP/1.1',
  'GE\0T /line HTTP/1.1',
  'GET /li\0ne HTTP/1.1',
  'GET /li ne HTTP/1.1',
  'GET /li\tne HTTP/1.1',
  'GET /li\rne HTTP/1.1',
  'GET /line',
  'GET',
  'GET / line HTTP/1.1',
  'GET * HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'GET line HTTP/1.1',
  'GET https://HOST/line HTTP/1.1',
  'GET http://HOST/line HTTP/1.1',
  'GET https://other.example/line HTTP/1.1',
  'GET https://HOST@other.example/line HTTP/1.1',
  'GET https://other.example@HOST/line HTTP/1.1',
  'GET https:/line HTTP/1.1',
  'GET //other.example/line HTTP/1.1',
  'GET HOST:443 HTTP/1.1',
  'CONNECT HOST:443 HTTP/1.1',
  'CONNECT /line HTTP/1.1',
  'TRACE /line HTTP/1.1',
  'PRI * HTTP/2.0',
  'GET /line http/1.1',
  'GET /line HTTP/1.1\0',
  'GET /line HTTP/01.1',
  'GET /line HTTP/1.10',
  'GET /line#fragment HTTP/1.1',
  'GET /line?a=b#c HTTP/1.1',
  'GET /l%69ne HTTP/1.1',
  'GET /line?x=\xff HTTP/1.1',
  'GET /\xc3\xa9 HTTP/1.1',
  'G"ET /line HTTP/1.1',
  'GET{ /line HTTP/1.1',
  `${'A'.repeat(300)} /line HTTP/1.1`,
  `GET /${'a'.repeat(9000)} HTTP/1.1`,
] as const;

const FIELDS = [
  'Host: HOST',
  'Host: other.example',
  'Host : HOST',
  'Host:\r\n HOST',
  'host: HOST\r\nHost: HOST',
  'X-Forwarded-Host: other.example',
  'X_Forwarded_For: 10.0.0.1',
  'X-Forwarded-For: 10.0.0.1\r\nX_Forwarded_For: 10.0.0.2',
  'X-Manis-Request-Id: forged',
  'X_Manis_Request_Id: forged',
  'x-manis-assertion: forged',
  'Remote-User: root',
  'Remote_User: root',
  'Connection: X-Manis-Request-Id',
  'Connection: X-Forwarded-For, Host',
  'Connection: keep-alive, close',
  'Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
  'Connection: upgrade\r\nUpgrade: websocket',
  'Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Connection: upgrade\r\nUpgrade: TLS/1.0',
  'Upgrade: cow',
  'Expect: 100-continue',
  'Expect: 100-continue\r\nContent-Length: 5',
  'Expect: cow',
  'Keep-Alive: timeout=5',
  'Proxy-Connection: keep-alive',
  'X-Rewrite-URL: /admin',
  'X-Original-URL: /admin',
  'X-HTTP-Method-Override: DELETE',
  'X-A: a\r\n b',
  'X-A: a\r\n\tb',
  ' X-A: a',
  'X-A',
  ': a',
  'X A: a',
  'X-A : a',
  'X-A\t: a',
  'X-\0A: a',
  'X-A: \0',
  'X-A: a\rb',
  'X-A: a\nX-B: b',
  'X-A: a\r\r\nX-B: b',
  'X-A\xff: a',
  'X-(A): a',
  'X-A: \x7f',
  'X-A: \x01',
  'Range: bytes=0-1',
  'Trailer: X-Manis-Request-Id',
  'TE: trailers, deflate',
  'Max-Forwards: 0',
  `X-A: ${'a'.repeat(70_000)}`,
  Array.from({ length: 150 }, (_, i) => `X-${i}: a`).join('\r\n'),
] as const;

/** How `/admin/x` may be written in the hope that one reader sees it and another does not. */
const PATHS = [
  ...[
    '/admin',
    '/admin/',
    '/admin/x',
    '//admin/x',
    '///admin',
    '/./admin',
    '/.//admin',
    '/x/../admin',
    '/x/./../admin',
  ],
  ...['/%61dmin', '/%61%64%6d%69%6e', '/%2e/admin', '/x/%2e%2e/admin', '/x/.%2e/admin', '/x/%2e./admin', '/%2fadmin'],
  ...['/x%2f..%2fadmin', '/x/..%2fadmin', '/x%2f../admin', '/x%5c..%5cadmin', '/x\\..\\admin', '\\admin', '/\\admin'],
  ...['/admin;x', '/admin;/x', '/;/admin', '/x;/../admin', '/..;/admin', '/admin%3b', '/admin%00', '/admin%00.png'],
  ...['/admin\x00', '/admin%20', '/admin%09', '/admin%0a', '/admin%0d%0aX:%20x', '/admin.', '/admin..', '/admin/.'],
  ...['/admin/..', '/admin/../admin', '/admin?x', '/admin#x', '/admin%23', '/admin%3fx', '/%2561dmin', '/%252e/admin'],
  ...['/%c0%aeadmin', '/%c0%ae%c0%ae/admin', '/x/%c0%ae%c0%ae/admin', '/%c1%a1dmin', '/%e0%80%afadmin', '/%uff0fadmin'],
  ...['/%u0061dmin', '/\xc0\xaf/admin', '/%ef%bc%8fadmin', '/%6', '/%', '/%zz', '/%6g', '/admin%', '/%61dmi%6E'],
  ...['/x/../../admin', '/../admin', '/..', '/../../../../etc/passwd', '/x/%2e%2e%2f%2e%2e%2fadmin', '/x/.../admin'],
  ...[
    '/ADMIN',
    '/Admin',
    '/adm\u0131n',
    '/admin/%2e%2e/x',
    '/x/..//admin',
    '/x//../admin',
    '/x/%2f../admin',
    '/.%00/admin',
  ],
  ...['/%2e%2e;/admin', '/x/..;a=b/admin', '/admin%2fx', '/admin%5cx', '/admin\\x', '/.admin', '/x/.%252e/admin'],
] as const;

const head = (line: string, ...fields: readonly string[]): string =>
  `${[line, 'Host: HOST', 'X-Probe: NUMBER', ...fields].join('\r\n')}\r\n\r\n`;

function framings(): CraftedRequest[] {
  const both = TRANSFER_ENCODINGS.flatMap((encoding) => [
    // The proxy counts bytes and the backend chunks.
    {
      name: `length, then ${encoding}`,
      bytes: `${head('POST /framing HTTP/1.1', `Content-Length: ${5 + SMUGGLED.length}`, encoding)}0\r\n\r\n${SMUGGLED}`,
    },
    // The proxy chunks and the backend counts bytes.
    {
      name: `${encoding}, then length`,
      bytes: `${head('POST /framing HTTP/1.1', encoding, 'Content-Length: 4')}${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`,
    },
    { name: `${encoding} alone`, bytes: `${head('POST /framing HTTP/1.1', encoding)}0\r\n\r\n` },
  ]);
  const lengths = CONTENT_LENGTHS.flatMap((length) => [
    { name: `${length} with more behind`, bytes: `${head('POST /framing HTTP/1.1', length)}hello${SMUGGLED}` },
    { name: `${length} of a GET`, bytes: `${head('GET /framing HTTP/1.1', length)}${SMUGGLED}` },
  ]);
  const chunks = CHUNKED_BODIES.map((body) => ({
    name: `chunks ${body.slice(0, 40)}`,
    bytes: `${head('POST /framing HTTP/1.1', 'Transfer-Encoding: chunked')}${body}`,
  }));
  return [...both, ...lengths, ...chunks];
}

function heads(): CraftedRequest[] {
  const lines = REQUEST_LINES.map((line) => ({ name: `line ${line.slice(0, 60)}`, bytes: head(line) }));
  const fields = FIELDS.map((field) => ({
    name: `field ${field.slice(0, 60)}`,
    bytes: head('GET /field HTTP/1.1', field),
  }));
  const ends = ['\n\n', '\r\r', '\n\r\n', '\r\n\n'].map((end) => ({
    name: `head that ends with ${JSON.stringify(end)}`,
    bytes: `GET /end HTTP/1.1\r\nHost: HOST\r\nX-Probe: NUMBER${end}`,
  }));
  return [...lines, ...fields, ...ends];
}

function paths(): CraftedRequest[] {
  return PATHS.flatMap((path) => [
    { name: `path ${path}`, bytes: head(`GET ${path} HTTP/1.1`) },
    { name: `path in an absolute target ${path}`, bytes: head(`GET https://HOST${path} HTTP/1.1`) },
  ]);
}

export const CRAFTED: readonly CraftedRequest[] = [...framings(), ...heads(), ...paths()];
