/**
 * A box between a connector and a target that does harm on purpose: `middle-box-process.ts LISTEN TARGET HARM...`.
 *
 * | harm | |
 * |---|---|
 * | corrupt | flips a bit of every second long answer |
 * | drop | leaves out a few bytes of every second long answer, as if a retransmission had been lost |
 * | double | sends every fifth POST twice, as a retry would that may not be |
 * | lose | answers every fifth write itself, and the target never hears of it |
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { itemText } from '../traffic/backend.ts';

export type Harm = 'corrupt' | 'drop' | 'double' | 'lose';

const [listen = '', target = '', ...harms] = process.argv.slice(2);
const does = (harm: Harm): boolean => harms.includes(harm);
const LONG_BYTES = 10_000;
const DROPPED_BYTES = 4;
let posts = 0;
let longAnswers = 0;

const server = createServer((incoming, response) => {
  const isFifthPost = incoming.method === 'POST' && ++posts % 5 === 0;
  if (does('lose') && isFifthPost && incoming.url?.startsWith('/write')) {
    incoming.resume();
    response.end(itemText(Number(new URL(incoming.url, 'http://box.invalid').searchParams.get('id'))));
    return;
  }
  if (does('double') && isFifthPost && incoming.url?.startsWith('/write')) send(incoming).end();
  incoming.pipe(send(incoming, response));
});

function send(incoming: IncomingMessage, response?: ServerResponse) {
  const { method = '', url = '', headers } = incoming;
  const [host = '', port = ''] = target.split(':');
  const outgoing = request({ host, port, method, path: url, headers, agent: false }, (answer) => {
    if (response) relay(answer, response);
    else answer.resume();
  });
  outgoing.on('error', () => response?.destroy());
  return outgoing;
}

function relay(answer: IncomingMessage, response: ServerResponse): void {
  const isLong = Number(answer.headers['content-length']) > LONG_BYTES;
  let isDue = isLong && ++longAnswers % 2 === 0;
  const headers = { ...answer.headers };
  if (isDue && does('drop')) headers['content-length'] = String(Number(headers['content-length']) - DROPPED_BYTES);
  response.writeHead(answer.statusCode ?? 502, headers);
  answer.on('data', (chunk: Buffer) => {
    if (isDue && does('corrupt')) chunk[0] = (chunk[0] ?? 0) ^ 1;
    response.write(isDue && does('drop') ? chunk.subarray(DROPPED_BYTES) : chunk);
    isDue = false;
  });
  answer.on('end', () => response.end());
  answer.on('error', () => response.destroy());
}

/** WebSockets pass unharmed. */
server.on('upgrade', (incoming, socket, head) => {
  const [targetHost = '', targetPort = ''] = target.split(':');
  const onward = connect(Number(targetPort), targetHost, () => {
    const fields = incoming.rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
    onward.write(`GET ${incoming.url} HTTP/1.1\r\n${fields}\r\n`);
    onward.write(head);
    socket.pipe(onward).pipe(socket);
  });
  for (const end of [onward, socket]) end.on('error', () => [onward, socket].map((one) => one.destroy()));
});

const [host = '', port = ''] = listen.split(':');
server.listen(Number(port), host, () => process.stdout.write('listening\n'));
