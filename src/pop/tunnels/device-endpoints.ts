import { type Endpoint, formatEndpoint, fromUtf8, parseEndpoint, utf8 } from '../../base/index.ts';
import type { DeviceRecord } from '../../core/link/index.ts';
import type { Log } from '../../io/log.ts';
import type { SealedFile } from '../../io/sealed-file.ts';

/** Where devices were heard last, by their key. */
type Endpoints = ReadonlyMap<string, string>;

/**
 * Keeps where each device was heard last, so that a PoP that starts again calls its devices: of their own accord they
 * would notice only when they renew their session, up to two minutes later.
 */
export class DeviceEndpoints {
  readonly #file: SealedFile | undefined;
  readonly #log: Log;
  readonly #loaded: Promise<Endpoints>;
  #kept: Endpoints = new Map();

  /** @param file left out: nothing is kept. */
  constructor(file: SealedFile | undefined, log: Log) {
    this.#file = file;
    this.#log = log;
    this.#loaded = this.#load();
  }

  /** Where a device was when this PoP stopped. */
  async lastOf({ wireguardKey }: DeviceRecord): Promise<Endpoint | undefined> {
    const text = (await this.#loaded).get(wireguardKey);
    return text === undefined ? undefined : parseEndpoint(text);
  }

  /** Writes where devices are, if that is news. A device that was not heard yet is where it was. */
  async keep(
    heard: Iterable<{ readonly record: DeviceRecord; readonly endpoint: Endpoint | undefined }>,
  ): Promise<void> {
    const before = await this.#loaded;
    const now = new Map<string, string>();
    for (const { record, endpoint } of heard) {
      const text = endpoint ? formatEndpoint(endpoint) : before.get(record.wireguardKey);
      if (text !== undefined) now.set(record.wireguardKey, text);
    }
    if (textOf(now) === textOf(this.#kept)) return;
    this.#kept = now;
    // A disk that is full for a while costs nothing but this haste.
    await this.#file
      ?.write(utf8(textOf(now)))
      .catch((error) => this.#log.warn('endpoints of devices not kept', { error }));
  }

  async #load(): Promise<Endpoints> {
    try {
      const bytes = await this.#file?.read();
      this.#kept = bytes ? endpointsOf(fromUtf8(bytes) ?? '') : new Map();
    } catch (error) {
      this.#log.warn('endpoints of devices not read', { error });
    }
    return this.#kept;
  }
}

/** One line each: key, space, endpoint. The file is sealed: nobody but this node wrote it. */
function textOf(endpoints: Endpoints): string {
  return [...endpoints].map(([key, endpoint]) => `${key} ${endpoint}\n`).join('');
}

function endpointsOf(text: string): Endpoints {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [key, endpoint] = line.split(' ');
      return key && endpoint ? [[key, endpoint] as const] : [];
    }),
  );
}
