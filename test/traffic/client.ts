/**
 * A person's browser: signed in, knows all addresses of the PoPs, tries another where a connection cannot be had or
 * breaks before the first byte of an answer (only where that is safe), and goes on with downloads by Range. Everything
 * that comes back is checked.
 */
import { Agent } from 'node:https';
import { itemText, type UploadReport } from './backend.ts';
import { type Asked, ask, readAll, TroubleError, type Way } from './connection.ts';
import type { Incident, Outcome, RequestKind } from './outcome.ts';
import { patternBytes, wrongBytes } from './pattern.ts';
import { holdWebSocket, type WebSocketPlan } from './web-socket.ts';

export interface TrafficSettings {
  /** `https://app.manis.test`. */
  readonly origin: string;
  /** Of the PoPs, the preferred first. */
  readonly endpoints: readonly string[];
  readonly ca: string;
  readonly cookie: string;
}

export interface StreamPlan {
  readonly seed: number;
  readonly bytes: number;
  /** Bytes a second; as fast as it goes where left out. */
  readonly rate?: number;
}

/** Mutable notes on a request that is under way. */
interface Notes {
  readonly fromUnixMs: number;
  readonly incidents: Incident[];
  bytes: number;
  wrong: number;
  stallMs: number;
  resumes: number;
}

const UPLOAD_TICK_MS = 20;
const UPLOAD_CHUNK_BYTES = 64 * 1024;
/** Connections that one request may use before the person gives up. */
const MOST_TRIES = 8;
const PAUSE_MS = 100;

export class TrafficClient {
  readonly #settings: TrafficSettings;
  readonly #agents = new Map<string, Agent>();
  readonly #progress = new Map<number, number>();
  #preferred = 0;

  constructor(settings: TrafficSettings) {
    this.#settings = settings;
  }

  /** A small GET, on kept connections. */
  item(id: number): Promise<Outcome> {
    return this.#run('item', id, async (endpoint, notes) => {
      const answer = await this.#whole(endpoint, { method: 'GET', path: `/item?id=${id}` }, true);
      this.#compare(answer, itemText(id), notes);
    });
  }

  /** A small POST with an effect. Never sent twice by this client. */
  write(id: number): Promise<Outcome> {
    return this.#run('write', id, async (endpoint, notes) => {
      const asked: Asked = { method: 'POST', path: `/write?id=${id}`, headers: { 'content-length': '0' } };
      this.#compare(await this.#whole(endpoint, asked, false), itemText(id), notes);
    });
  }

  /** A GET of a stream; it goes on by Range where a connection breaks. */
  download(id: number, plan: StreamPlan): Promise<Outcome> {
    const path = `/bytes?seed=${plan.seed}&length=${plan.bytes}${plan.rate ? `&rate=${plan.rate}` : ''}`;
    return this.#run('download', id, async (endpoint, notes) => {
      const range = notes.bytes > 0 ? { range: `bytes=${notes.bytes}-` } : {};
      if (notes.bytes > 0) notes.resumes++;
      const incoming = await ask(this.#way(endpoint), { method: 'GET', path, headers: range });
      const expected = notes.bytes > 0 ? 206 : 200;
      if (incoming.statusCode !== expected) throw await refusal(incoming);
      let lastMs = performance.now();
      await readAll(incoming, (chunk) => {
        const nowMs = performance.now();
        notes.stallMs = Math.max(notes.stallMs, nowMs - lastMs);
        lastMs = nowMs;
        notes.wrong += wrongBytes(plan.seed, notes.bytes, chunk);
        notes.bytes += chunk.length;
        this.#progress.set(id, notes.bytes);
      });
      if (notes.bytes !== plan.bytes) throw new TroubleError('truncated', `${notes.bytes} of ${plan.bytes} bytes`);
    });
  }

  /** A POST of a stream. The stall is what the application saw. */
  upload(id: number, plan: StreamPlan): Promise<Outcome> {
    return this.#run('upload', id, async (endpoint, notes) => {
      const headers = { 'content-length': String(plan.bytes), 'content-type': 'application/octet-stream' };
      const write = (sink: NodeJS.WritableStream): void =>
        writePattern(sink, plan, (sent) => this.#progress.set(id, sent));
      const asked: Asked = { method: 'POST', path: `/upload?seed=${plan.seed}`, headers, write };
      const report = JSON.parse(await this.#whole(endpoint, asked, false)) as UploadReport;
      notes.bytes = report.bytes;
      notes.wrong += report.wrong + Math.abs(plan.bytes - report.bytes);
      notes.stallMs = report.longestGapMs;
    });
  }

  /** A WebSocket that sends numbered messages and expects each of them back, once and in order. */
  webSocket(id: number, plan: WebSocketPlan): Promise<Outcome> {
    return this.#run('web-socket', id, async (endpoint, notes) => {
      const held = await holdWebSocket(this.#way(endpoint), plan, {
        from: notes.bytes,
        echoed: (count) => this.#progress.set(id, count),
      });
      notes.bytes = held.echoed;
      notes.wrong += held.wrong;
      notes.stallMs = Math.max(notes.stallMs, held.stallMs);
      if (held.trouble) throw held.trouble;
    });
  }

  /** Bytes (of a WebSocket: messages) that a request under way has moved, by its id. */
  progress(id: number): number {
    return this.#progress.get(id) ?? 0;
  }

  /** Ends kept connections. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  async #run(
    kind: RequestKind,
    id: number,
    attempt: (endpoint: string, notes: Notes) => Promise<void>,
  ): Promise<Outcome> {
    const notes: Notes = { fromUnixMs: Date.now(), incidents: [], bytes: 0, wrong: 0, stallMs: 0, resumes: 0 };
    let isDone = false;
    for (let tries = 0; tries < MOST_TRIES && !isDone; tries++) {
      const endpoint = this.#endpoint();
      const fromUnixMs = Date.now();
      try {
        await attempt(endpoint, notes);
        isDone = true;
      } catch (error) {
        if (!(error instanceof TroubleError)) throw error;
        const { trouble, message: detail } = error;
        notes.incidents.push({ endpoint, trouble, detail, fromUnixMs, toUnixMs: Date.now() });
        if (!mayTryAgain(kind, error)) break;
        this.#avoid(endpoint);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
    this.#progress.delete(id);
    const { wrong, ...rest } = notes;
    return { kind, id, isDone, ...rest, wrongBytes: wrong, stallMs: Math.round(notes.stallMs), toUnixMs: Date.now() };
  }

  /** The body of an answer of status 200. */
  async #whole(endpoint: string, asked: Asked, isKept: boolean): Promise<string> {
    const incoming = await ask(this.#way(endpoint, isKept), asked);
    if (incoming.statusCode !== 200) throw await refusal(incoming);
    const chunks: Buffer[] = [];
    await readAll(incoming, (chunk) => chunks.push(chunk));
    return Buffer.concat(chunks).toString();
  }

  #compare(answer: string, expected: string, notes: Notes): void {
    notes.bytes += answer.length;
    if (answer !== expected) notes.wrong += Math.max(1, Math.abs(answer.length - expected.length));
  }

  #endpoint(): string {
    const { endpoints } = this.#settings;
    return endpoints[this.#preferred % endpoints.length] ?? '';
  }

  /** The next request goes to another address, unless one has moved on already. */
  #avoid(endpoint: string): void {
    if (this.#endpoint() === endpoint) this.#preferred++;
  }

  #way(endpoint: string, isKept = false): Way {
    const { origin, ca, cookie } = this.#settings;
    return { endpoint, origin: new URL(origin), ca, cookie, ...(isKept && { agent: this.#agent(endpoint) }) };
  }

  #agent(endpoint: string): Agent {
    const known = this.#agents.get(endpoint);
    if (known) return known;
    const made = new Agent({ keepAlive: true, maxSockets: 8 });
    this.#agents.set(endpoint, made);
    return made;
  }
}

/** What a browser does by itself, or a person by pressing reload, without doing anything twice. */
function mayTryAgain(kind: RequestKind, { trouble }: TroubleError): boolean {
  if (trouble === 'no-connection') return true;
  if (trouble === 'status') return false;
  return kind === 'item' || kind === 'download' || kind === 'web-socket';
}

async function refusal(incoming: Parameters<typeof readAll>[0]): Promise<TroubleError> {
  let text = '';
  await readAll(incoming, (chunk) => {
    text += chunk;
  }).catch(() => undefined);
  return new TroubleError('status', `${incoming.statusCode} ${text.slice(0, 300)}`);
}

function writePattern(
  sink: NodeJS.WritableStream,
  { seed, bytes, rate }: StreamPlan,
  moved: (sent: number) => void,
): void {
  const startedMs = performance.now();
  let offset = 0;
  const next = (length: number): boolean => {
    const isRoomy = sink.write(patternBytes(seed, offset, length));
    offset += length;
    moved(offset);
    return isRoomy;
  };
  if (rate !== undefined) {
    const timer = setInterval(() => {
      const due = Math.min(bytes, Math.ceil(((performance.now() - startedMs) / 1000) * rate));
      if (due > offset) next(due - offset);
      if (offset >= bytes || !sink.writable) clearInterval(timer);
      if (offset >= bytes) sink.end();
    }, UPLOAD_TICK_MS);
    sink.on('close', () => clearInterval(timer));
    return;
  }
  const fill = (): void => {
    while (offset < bytes) if (!next(Math.min(UPLOAD_CHUNK_BYTES, bytes - offset))) return;
    sink.off('drain', fill);
    sink.end();
  };
  sink.on('drain', fill);
  fill();
}
