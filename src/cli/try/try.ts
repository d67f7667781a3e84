/** `manis try 3000`: published for a while, from this machine. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../base/index.ts';
import { type RunningConnector, startConnector } from '../../connector/start-connector.ts';
import { createClock } from '../../io/clock.ts';
import { createSigningPort } from '../../io/link-crypto.ts';
import { isReachable } from '../../io/listening.ts';
import { createLog } from '../../io/log.ts';
import { onStopRequest } from '../../io/parent-process.ts';
import { createRandom } from '../../io/random.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { withApi } from '../api/connection.ts';
import { at, type ControlApi } from '../api/control-api.ts';
import { type Enrolment, enrolmentOf } from '../programs/enrolment.ts';
import { outboundOf } from '../programs/outbound.ts';
import { SOFTWARE } from '../programs/run-program.ts';
import { sayRaw } from '../terminal/output.ts';
import type { Style } from '../terminal/style.ts';
import { DRAIN_MS, READY_POLL_MS, READY_WAIT_MS, RENEW_MS } from './constants.ts';
import { TryFolders } from './folders.ts';
import { createFront, type Front } from './front.ts';
import { guardKindOf, isReady, type MadeQuickTunnel, renew, wishOf } from './quick-tunnel.ts';
import { createScreen, type Screen } from './screen.ts';
import type { TrySettings } from './settings.ts';
import { type Published, readPublished, titleOf } from './what.ts';

const REACHABLE_MS = 1_000;
const MTU = 1_420;
const TUNNELS = 2;

export async function runTry(settings: TrySettings, words: readonly string[], style: Style): Promise<void> {
  const published = await Promise.all(words.map(readPublished));
  guardKindOf(settings);
  const clock = createClock();
  const screen = createScreen(style, settings.json, sayRaw);
  await withApi(settings, async (api) => {
    const attempt = new Try(settings, published, { api, clock, screen });
    await attempt.run();
  });
  // The connections of the application may still be open.
  process.exit(0);
}

interface Parts {
  readonly api: ControlApi;
  readonly clock: Clock;
  readonly screen: Screen;
}

class Try {
  readonly #settings: TrySettings;
  readonly #published: readonly Published[];
  readonly #parts: Parts;
  readonly #stopped = Promise.withResolvers<string>();
  readonly #fronts: Front[] = [];
  #connector: RunningConnector | undefined;
  #isKept = false;

  constructor(settings: TrySettings, published: readonly Published[], parts: Parts) {
    this.#settings = settings;
    this.#published = published;
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { api, clock, screen } = this.#parts;
    onStopRequest(clock, () => this.#stopped.resolve('Ended.'));
    process.stdout.on('error', () => this.#stopped.resolve('Ended.'));
    await this.#sayWhatIsSilent();
    const folders = await TryFolders.make(randomUUID().slice(0, 8), clock.unixMs());
    let tunnel: MadeQuickTunnel | undefined;
    try {
      await this.#listen(folders);
      const wish = await wishOf(this.#settings, this.#published, (index) => folders.socket(index));
      tunnel = await api.post('/quick-tunnels', { body: wish });
      await this.#connect(tunnel, folders);
      if (this.#settings.keep) await this.#keep(tunnel, folders);
      await this.#untilReady(tunnel);
      this.#show(tunnel);
      const reason = await this.#untilOver(tunnel, folders);
      screen.ended(reason);
    } finally {
      await this.#end(tunnel, folders);
    }
  }

  async #sayWhatIsSilent(): Promise<void> {
    for (const one of this.#published) {
      if (one.kind !== 'server') continue;
      const port = one.url.port === '' ? (one.url.protocol === 'https:' ? 443 : 80) : Number(one.url.port);
      if (!(await isReachable(one.url.hostname.replace(/^\[|\]$/g, ''), port, REACHABLE_MS)))
        this.#parts.screen.note(`Nothing answers at ${one.url.origin} yet. It is published all the same.`);
    }
  }

  async #listen(folders: TryFolders): Promise<void> {
    const { clock, screen } = this.#parts;
    for (const [index, published] of this.#published.entries()) {
      const application = titleOf(published);
      const front = createFront({ published, clock, tell: (line) => screen.request({ ...line, application }) });
      await front.listen(folders.socket(index));
      this.#fronts.push(front);
    }
  }

  async #connect(tunnel: MadeQuickTunnel, folders: TryFolders): Promise<void> {
    const enrolment = await enrolmentOf({ enrolToken: tunnel.joinToken });
    this.#connector = await this.#startConnector(folders, enrolment);
  }

  async #startConnector(folders: TryFolders, enrolment?: Enrolment): Promise<RunningConnector> {
    const { ca: caFile, proxy, noProxy } = this.#settings;
    return startConnector({
      dataDir: folders.dataDir,
      ...(enrolment && { enrolment: { ...enrolment, name: `manis try on ${hostname()}` } }),
      outbound: await outboundOf({ caFile, proxy, noProxy }),
      ...{ listen: { address: '0.0.0.0', port: 0 }, tunnels: TUNNELS, mtu: MTU, clock: this.#parts.clock },
      // Whatever control grants: this machine shows nothing but what was asked for.
      ...(!this.#isKept && { unixSockets: folders.sockets, unixSocketsOnly: true }),
      random: createRandom(),
      signing: createSigningPort(new NodeSessionCrypto()),
      log: createLog({ level: 'silent' }),
      software: SOFTWARE,
    });
  }

  async #untilReady({ id }: MadeQuickTunnel): Promise<void> {
    if (this.#isKept) return;
    const { api, clock, screen } = this.#parts;
    const deadlineMs = clock.nowMs() + READY_WAIT_MS;
    while (!(await isReady(api, id))) {
      if (clock.nowMs() > deadlineMs)
        return screen.note('No tunnel is up yet; "manis doctor" says what is in the way.');
      await sleep(READY_POLL_MS);
    }
  }

  #show(tunnel: MadeQuickTunnel): void {
    const { clock, screen } = this.#parts;
    const { json, qr, noQr } = this.#settings;
    const [first] = tunnel.applications;
    const isFarther = first !== undefined && !first.host.endsWith('.localhost');
    const wantsQr = first !== undefined && !noQr && (qr || (isFarther && process.stdout.isTTY === true && !json));
    screen.ready(
      {
        id: tunnel.id,
        applications: tunnel.applications.map(({ url }, i) => {
          const published = this.#published[i];
          return { url: url.replace(/\/$/, ''), leadsTo: published ? titleOf(published) : '' };
        }),
        guard: guardKindOf(this.#settings),
        secret: this.#settings.secretFile === undefined ? tunnel.secret : null,
        expiresUnixMs: tunnel.expiresUnixMs,
        kept: this.#isKept,
        qrUrl: wantsQr ? first.url : undefined,
        canPressKeys: canPressKeys() && !json,
      },
      clock.unixMs(),
    );
  }

  /** Gives why it is over. */
  async #untilOver(tunnel: MadeQuickTunnel, folders: TryFolders): Promise<string> {
    const { clock } = this.#parts;
    const stopKeys = canPressKeys() && !this.#settings.json ? this.#hearKeys(tunnel, folders) : undefined;
    const left = setTimeout(
      () => this.#isKept || this.#stopped.resolve('Its time is over.'),
      tunnel.expiresUnixMs - clock.unixMs(),
    );
    const renewing = setInterval(() => void this.#renew(tunnel, folders), RENEW_MS);
    try {
      return await this.#stopped.promise;
    } finally {
      stopKeys?.();
      clearTimeout(left);
      clearInterval(renewing);
    }
  }

  async #renew(tunnel: MadeQuickTunnel, folders: TryFolders): Promise<void> {
    if (this.#isKept) return;
    const renewal = await renew(this.#parts.api, tunnel);
    if (renewal === 'ended') this.#stopped.resolve('Somebody ended it, or its time is over.');
    if (renewal === 'kept') await this.#wasKept(folders);
  }

  #hearKeys(tunnel: MadeQuickTunnel, folders: TryFolders): () => void {
    const { stdin } = process;
    const heard = (bytes: Buffer): void => {
      const key = bytes.toString('utf8');
      if (key === 'k') void this.#keep(tunnel, folders).catch((error: Error) => this.#parts.screen.note(error.message));
      if (key === 'q' || key === '\u0003' || key === '\u0004') this.#stopped.resolve('Ended.');
    };
    stdin.setRawMode(true);
    stdin.on('data', heard);
    return () => {
      stdin.off('data', heard);
      stdin.setRawMode(false);
      stdin.pause();
    };
  }

  async #keep({ id }: MadeQuickTunnel, folders: TryFolders): Promise<void> {
    if (this.#isKept) return;
    await this.#parts.api.post('/quick-tunnels/{id}/keep', { ...at({ id }), body: {} });
    await this.#wasKept(folders);
  }

  async #wasKept(folders: TryFolders): Promise<void> {
    this.#isKept = true;
    await folders.keep();
    // From now on it may dial the application itself, as control says.
    await this.#connector?.close();
    this.#connector = await this.#startConnector(folders);
    const command = `manis connector --data-dir ${folders.dataDir}`;
    this.#parts.screen.kept(`To serve it without this program, run:  ${command}`);
  }

  async #end(tunnel: MadeQuickTunnel | undefined, folders: TryFolders): Promise<void> {
    const { api, screen } = this.#parts;
    if (tunnel && !this.#isKept)
      await api.remove('/quick-tunnels/{id}', at({ id: tunnel.id })).catch((error: Error & { status?: number }) => {
        if (error.status !== 404) screen.note(`Control was not told (${error.message}); it ends there within minutes.`);
      });
    if (this.#isKept) await this.#connector?.drain(DRAIN_MS);
    await this.#connector?.close();
    for (const front of this.#fronts) front.close();
    await folders.remove(this.#isKept);
  }
}

function canPressKeys(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}
