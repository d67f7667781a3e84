/**
 * Asks a name server over UDP as fast as it answers, from many blocks of 127/8, so that the rate limit of one block does
 * not matter. Arguments: port, queries at once, milliseconds. Prints how many answers came.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const [port = 0, window = 0, durationMs = 0] = process.argv.slice(2).map(Number);
const BLOCKS = 250;
/** `manis.example.com A`, with EDNS and a client's subnet as public resolvers send it. */
const QUERY = Buffer.from(
  '000100000001000000000001056d616e6973076578616d706c6503636f6d0000010001' +
    '00002904d000000000000b00080007000118000b0101',
  'hex',
);

let answers = 0;
let over = false;

async function open(block: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind({ address: `127.${block + 1}.0.1`, port: 0 });
  await once(socket, 'listening');
  socket.on('message', () => {
    answers++;
    if (!over) ask(socket);
  });
  return socket;
}

function ask(socket: Socket): void {
  const query = Buffer.from(QUERY);
  query[query.length - 2] = answers & 255;
  socket.send(query, port, '127.0.0.1');
}

const sockets = await Promise.all(Array.from({ length: BLOCKS }, (_, block) => open(block)));
for (let i = 0; i < window; i++) ask(sockets[i % BLOCKS] as Socket);
// A lost datagram would leave its place in the window empty.
const refill = setInterval(() => ask(sockets[answers % BLOCKS] as Socket), 5);
await new Promise((resolve) => setTimeout(resolve, durationMs));
over = true;
clearInterval(refill);
process.stdout.write(`${answers}\n`);
process.exit(0);
