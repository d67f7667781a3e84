/**
 * The drill of a local network: a file names the UDP places that a connector is cut off from, `manis drill` writes it and
 * the connector looks at it. What happens then is nobody's pretence: datagrams vanish, and the network has to cope.
 */
import { readFileSync } from 'node:fs';
import { type Endpoint, formatEndpoint } from '../base/index.ts';
import { EVERYBODY_READS, writeJson } from './files.ts';
import type { Unplugged } from './udp/unplugged-socket.ts';

/** How often the file is looked at: soon enough that nobody waits for the plug to be pulled. */
const LOOK_MS = 100;

/** In the connector's data directory. */
export const DRILL_FILE = 'drill.json';

export function writeDrill(path: string, endpoints: readonly string[]): Promise<void> {
  return writeJson(path, endpoints, EVERYBODY_READS);
}

export class DrillFile implements Unplugged {
  readonly #path: string;
  readonly #looking: NodeJS.Timeout;
  #endpoints: ReadonlySet<string> = new Set();

  constructor(path: string) {
    this.#path = path;
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
    this.#looking.unref();
    this.#look();
  }

  has(endpoint: Endpoint): boolean {
    return this.#endpoints.size > 0 && this.#endpoints.has(formatEndpoint(endpoint));
  }

  close(): void {
    clearInterval(this.#looking);
  }

  /** No file, or one that is half written, changes nothing for now. */
  #look(): void {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      if (Array.isArray(value)) this.#endpoints = new Set(value.map(String));
    } catch {
      return;
    }
  }
}
