/** Ports for what a test starts and that has to be told its port before it listens. */
import { stateOfPlace } from '../io/listening.ts';

/** Below 32768, where Linux begins to give ports to whoever connects: none of these is taken by chance. */
const FIRST_PORT = 15_000;
const PORTS = 17_000;
/** A prime, so that test processes whose ids follow each other begin far apart. */
const PORTS_BETWEEN_PROCESSES = 389;

let next = (process.pid * PORTS_BETWEEN_PROCESSES) % PORTS;

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

/**
 * Ports in a row that nobody listens on, TCP and UDP. A process gets each of them once, so that a port which was given
 * is not given again before it is taken.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const end = next + PORTS;
  while (next < end) {
    const offset = next % PORTS;
    next += count;
    if (offset + count > PORTS) continue;
    const ports = Array.from({ length: count }, (_, i) => FIRST_PORT + offset + i);
    if (await areFree(ports)) return ports;
  }
  throw new Error(`no ${count} ports in a row are free`);
}

async function areFree(ports: readonly number[]): Promise<boolean> {
  const places = ports.flatMap((port) =>
    (['tcp', 'udp'] as const).map((protocol) => ({ protocol, host: '0.0.0.0', port })),
  );
  const states = await Promise.all(places.map(stateOfPlace));
  return states.every((state) => state === 'free');
}
