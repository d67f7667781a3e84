/** Our device against Debian's wireguard-go, over a real socket and a real kernel's IP. Real time: about 8 s. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWireguardCrypto } from '../../src/io/crypto/create-wireguard-crypto.ts';
import { createRandom } from '../../src/io/random.ts';
import { missingRequirement, mustHaveTools } from './requirements.ts';
import { WireguardGoPeer } from './wireguard-go-peer.ts';
import { WireguardNode } from './wireguard-node.ts';

const missing = missingRequirement(['root', '/dev/net/tun', 'wireguard-go', 'wg', 'ip']);
const INNER = '10.99.0.1';

/** Sends `argv[2]` numbered UDP datagrams of 1 to 1,392 bytes to `argv[1]`, prints how many came back as they were sent. */
const UDP_ECHO_CLIENT = `
  const socket = require('node:dgram').createSocket('udp4');
  const [, to, count] = process.argv;
  const sent = new Set();
  let back = 0;
  const finish = () => { console.log(back); socket.close(); process.exit(); };
  socket.on('message', (bytes) => { if (sent.delete(bytes.toString('latin1')) && ++back === Number(count)) finish(); });
  setTimeout(finish, 8000);
  for (let i = 0; i < Number(count); i++) {
    const text = String(i).padEnd(1 + ((i * 463) % 1392), 'x').slice(0, 1392);
    sent.add(text);
    setTimeout(() => socket.send(Buffer.from(text, 'latin1'), 7, to), i * 2);
  }`;

describe('WireGuard against wireguard-go', {
  skip: missing !== undefined && !mustHaveTools() ? missing : false,
}, async () => {
  const random = createRandom();
  const crypto = await createWireguardCrypto();
  const theirPrivateKey = random.bytes(32);
  const theirPublicKey = crypto.x25519PublicKey(theirPrivateKey);
  const foreign = new WireguardGoPeer();
  const nodes: WireguardNode[] = [];
  const theirEndpoint = `${foreign.guestAddress}:${foreign.listenPort}`;

  before(async () => {
    assert.equal(missing, undefined);
    await foreign.start(theirPrivateKey);
  });
  after(async () => {
    for (const node of nodes) node.close();
    await foreign.stop();
  });

  /** A fresh node of ours that wireguard-go knows as its only peer. */
  async function newNode(limits?: ConstructorParameters<typeof WireguardNode>[3]): Promise<WireguardNode> {
    for (const node of nodes.splice(0)) {
      foreign.removePeer(node.device.publicKey);
      node.close();
    }
    const node = new WireguardNode(crypto, foreign.hostAddress, INNER, limits);
    nodes.push(node);
    await node.open();
    return node;
  }

  function introduce(node: WireguardNode, more: { presharedKey?: Uint8Array; isCaller?: boolean } = {}): void {
    const { presharedKey, isCaller } = more;
    foreign.setPeer({
      publicKey: node.device.publicKey,
      allowedIps: `${INNER}/32`,
      ...(presharedKey && { presharedKey }),
      ...(isCaller && { endpoint: `${foreign.hostAddress}:${node.port}` }),
    });
  }

  function echoFromThem(count: number): Promise<number> {
    return new Promise((resolve) => {
      const child = foreign.spawn(process.execPath, ['-e', UDP_ECHO_CLIENT, INNER, String(count)]);
      let text = '';
      child.stdout?.on('data', (chunk) => {
        text += chunk;
      });
      child.once('exit', () => resolve(Number(text)));
    });
  }

  test('we call, and the kernel behind it answers our echo requests', async () => {
    const node = await newNode();
    introduce(node);
    const peer = node.addPeer({ publicKey: theirPublicKey, endpoint: theirEndpoint });
    for (let i = 0; i < 20; i++) await within(2000, node.ping(peer, foreign.innerAddress));
    assert.deepEqual(node.events, [{ kind: 'sessionEstablished', peer }]);
    assert.notEqual(foreign.show('latest-handshakes', node.device.publicKey), '0');
  });

  test('it calls, and 200 datagrams of all sizes come back through us', async () => {
    const node = await newNode();
    introduce(node, { isCaller: true });
    node.addPeer({ publicKey: theirPublicKey });
    assert.equal(await echoFromThem(200), 200);
    assert.deepEqual(node.events.map((event) => event.kind).sort(), ['endpointChanged', 'sessionEstablished']);
  });

  test('a preshared key on both sides works, and a different one does not', async () => {
    const presharedKey = random.bytes(32);
    const node = await newNode();
    introduce(node, { presharedKey });
    const peer = node.addPeer({ publicKey: theirPublicKey, presharedKey, endpoint: theirEndpoint });
    await within(2000, node.ping(peer, foreign.innerAddress));

    const other = await newNode();
    introduce(other, { presharedKey });
    const stranger = other.addPeer({ publicKey: theirPublicKey, endpoint: theirEndpoint });
    other.startHandshake(stranger);
    await sleep(300);
    assert.equal(other.device.counters()['bad-handshake'], 1);
    assert.equal(other.device.peerStatus(stranger, 0).lastHandshakeMs, undefined);
  });

  test('our session is renewed every 300 ms and no echo is lost', async () => {
    const node = await newNode({ rekeyAfterTimeMs: 300, rekeyTimeoutMs: 100 });
    introduce(node);
    const peer = node.addPeer({ publicKey: theirPublicKey, endpoint: theirEndpoint });
    let renewals = 0;
    for (let i = 0; i < 100; i++) {
      await within(2000, node.ping(peer, foreign.innerAddress));
      await sleep(15);
      renewals += node.events.splice(0).filter((event) => event.kind === 'sessionEstablished').length;
    }
    assert.ok(renewals >= 4, `${renewals} sessions`);
    assert.equal(node.device.counters()['gave-up'], 0);
  });

  test('it forgets us, calls again, and traffic goes on under the new session', async () => {
    const node = await newNode();
    introduce(node, { isCaller: true });
    const peer = node.addPeer({ publicKey: theirPublicKey });
    assert.equal(await echoFromThem(5), 5);
    foreign.removePeer(node.device.publicKey);
    introduce(node, { isCaller: true });
    assert.equal(await echoFromThem(5), 5);
    await within(2000, node.ping(peer, foreign.innerAddress));
  });

  test('we move to another port and it follows', async () => {
    const node = await newNode();
    introduce(node);
    const peer = node.addPeer({ publicKey: theirPublicKey, endpoint: theirEndpoint });
    await within(2000, node.ping(peer, foreign.innerAddress));
    const before = foreign.show('endpoints', node.device.publicKey);
    await node.open();
    await within(2000, node.ping(peer, foreign.innerAddress));
    const moved = foreign.show('endpoints', node.device.publicKey);
    assert.notEqual(moved, before);
    assert.equal(moved, `${foreign.hostAddress}:${node.port}`);
    assert.equal(await echoFromThem(5), 5);
  });

  test('under load we ask for a cookie and it comes back with one', async () => {
    const node = await newNode({ calmHandshakeBurst: 0, calmHandshakesPerSecond: 0 });
    introduce(node, { isCaller: true });
    node.addPeer({ publicKey: theirPublicKey });
    assert.equal(await echoFromThem(1), 1);
    assert.ok(node.device.counters()['under-load'] >= 1);
  });
});

async function within<Value>(limitMs: number, promise: Promise<Value>): Promise<Value> {
  const abort = new AbortController();
  const late = sleep(limitMs, undefined, { signal: abort.signal }).then(
    () => assert.fail(`nothing within ${limitMs} ms`),
    () => undefined as never,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    abort.abort();
  }
}
