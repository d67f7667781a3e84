import { connect } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { HttpCheck } from '../core/routing/index.ts';
import { CHECK_ANSWER_HEADER_BYTES } from './check-constants.ts';

/** The status of an answer over HTTP/2, or why there is none. The connection is closed with the stream by whoever opened it. */
export function askOverHttp2(stream: Duplex, check: HttpCheck): Promise<number | 'closed' | 'malformed'> {
  const { method, path, host, headers, tls } = check;
  return new Promise((resolve) => {
    const scheme = tls ? 'https' : 'http';
    const session = connect(`${scheme}://check.invalid`, {
      createConnection: () => stream,
      settings: { enablePush: false, maxHeaderListSize: CHECK_ANSWER_HEADER_BYTES },
    });
    // What is no HTTP/2 breaks the framing; a connection that just ends says nothing of it.
    const broke = (error: NodeJS.ErrnoException): void =>
      resolve(error.code === 'ERR_HTTP2_ERROR' ? 'malformed' : 'closed');
    session.on('error', broke);
    session.on('close', () => resolve('closed'));
    const asked = session.request({
      ':method': method,
      ':path': path,
      ':authority': host,
      ':scheme': scheme,
      'user-agent': 'manis-check',
      accept: '*/*',
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    });
    asked.on('error', broke);
    asked.on('response', (answer) => {
      resolve(Number(answer[':status']));
      session.destroy();
    });
    asked.end();
  });
}
