/** The API of a container engine (Docker's; Podman's is the same) over its unix socket: who runs, and that something changed. */
import { type IncomingMessage, request } from 'node:http';
import type { LabelledContainer } from '../../core/blueprint/index.ts';
import { ENGINE_ANSWER_BYTES, ENGINE_EVENT_CHARS, ENGINE_TIMEOUT_MS } from './constants.ts';

export interface EngineEvents {
  /** Something of a container changed, or may have. */
  readonly changed: () => void;
  /** The stream of events is over: whatever happens now is not heard of. */
  readonly ended: (error: Error | undefined) => void;
}

/** Containers that run. Rejects where the engine does not answer as one. */
export async function listContainers(socketPath: string): Promise<LabelledContainer[]> {
  const answer = await get(socketPath, '/containers/json');
  const text = await textOf(answer);
  if (answer.statusCode !== 200) throw new Error(`the engine answered with status ${answer.statusCode}`);
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new Error('the engine answered with something else than containers');
  return list.flatMap((one: unknown) => containerOf(one) ?? []);
}

/** Follows the engine's events until it is stopped or the stream ends. */
export function followEvents(socketPath: string, events: EngineEvents): () => void {
  const filters = encodeURIComponent(JSON.stringify({ type: ['container'] }));
  const asking = request({ socketPath, path: `/events?filters=${filters}`, headers: { host: 'engine' } });
  let isOver = false;
  const end = (error?: Error): void => {
    if (isOver) return;
    isOver = true;
    asking.destroy();
    events.ended(error);
  };
  asking.on('response', (answer) => {
    if (answer.statusCode !== 200) return end(new Error(`the engine answered with status ${answer.statusCode}`));
    // Whatever happened before the stream was open is found by looking.
    events.changed();
    let held = '';
    answer.setEncoding('utf8');
    answer.on('data', (text: string) => {
      held += text;
      const lines = held.split('\n');
      held = lines.pop() ?? '';
      if (held.length > ENGINE_EVENT_CHARS) return end(new Error('an event of the engine does not end'));
      if (lines.some(isOfState)) events.changed();
    });
    answer.on('end', () => end());
    answer.on('error', end);
  });
  asking.on('error', end);
  asking.end();
  return () => {
    isOver = true;
    asking.destroy();
  };
}

/** Health checks and commands within containers happen all the time and change nothing. */
function isOfState(line: string): boolean {
  try {
    const { Action: action, status } = JSON.parse(line) as { Action?: unknown; status?: unknown };
    return !/^(exec_|health_status|top|attach|resize)/.test(String(action ?? status ?? ''));
  } catch {
    return false;
  }
}

function get(socketPath: string, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path, headers: { host: 'engine' }, timeout: ENGINE_TIMEOUT_MS }, resolve);
    asking.on('timeout', () => asking.destroy(new Error('the engine does not answer')));
    asking.on('error', reject);
    asking.end();
  });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > ENGINE_ANSWER_BYTES) throw new Error('the engine says too much');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** As `GET /containers/json` tells of one; undefined where it is not understood. */
export function containerOf(json: unknown): LabelledContainer | undefined {
  const { Names, Labels, NetworkSettings, Ports, HostConfig, State } = (json ?? {}) as Record<string, never>;
  const name = (Array.isArray(Names) ? String(Names[0] ?? '') : '').replace(/^\//, '');
  if (name === '' || (State !== undefined && State !== 'running')) return undefined;
  const networks = ((NetworkSettings as { Networks?: unknown } | undefined)?.Networks ?? {}) as Record<
    string,
    { IPAddress?: unknown; GlobalIPv6Address?: unknown } | null
  >;
  const addresses = Object.entries(networks).flatMap(([network, one]) => {
    const address = one?.IPAddress || one?.GlobalIPv6Address;
    return typeof address === 'string' && address !== '' ? [[network, address] as const] : [];
  });
  const ports = (Array.isArray(Ports) ? (Ports as { PrivatePort?: unknown; Type?: unknown }[]) : [])
    .filter(({ Type }) => Type === undefined || Type === 'tcp')
    .flatMap(({ PrivatePort }) => (typeof PrivatePort === 'number' ? [PrivatePort] : []));
  const publishedPorts = (Array.isArray(Ports) ? (Ports as { PublicPort?: unknown; Type?: unknown }[]) : [])
    .filter(({ Type }) => Type === undefined || Type === 'tcp')
    .flatMap(({ PublicPort }) => (typeof PublicPort === 'number' ? [PublicPort] : []));
  const labels = Object.entries((Labels ?? {}) as Record<string, unknown>).map(([key, value]) => [key, String(value)]);
  return {
    ...{ name, labels: Object.fromEntries(labels) as Record<string, string>, addresses: Object.fromEntries(addresses) },
    ports: [...new Set(ports)].sort((a, b) => a - b),
    ...(publishedPorts.length > 0 && { publishedPorts: [...new Set(publishedPorts)] }),
    isHostNetwork: (HostConfig as { NetworkMode?: unknown } | undefined)?.NetworkMode === 'host',
  };
}
