import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from './eventually.ts';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly startNanos: bigint;
  readonly endNanos: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: Record<string, unknown> }[];
}

interface SentBody {
  resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[];
}

/** A collector that takes traces by OTLP over HTTP in JSON, and keeps them. */
export class OtlpReceiver {
  readonly bodies: SentBody[] = [];
  headers: IncomingHttpHeaders = {};
  /** Answers of the next requests; 200 where there is none. */
  statuses: number[] = [];
  readonly url: URL;
  readonly #server: Server;

  static async open(): Promise<OtlpReceiver> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OtlpReceiver(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    this.url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const isRight = request.url === '/v1/traces' && request.headers['content-type'] === 'application/json';
        this.headers = request.headers;
        this.bodies.push(JSON.parse(Buffer.concat(parts).toString()) as SentBody);
        response.writeHead(isRight ? (this.statuses.shift() ?? 200) : 415, { 'content-type': 'application/json' });
        response.end('{}');
      });
    });
  }

  get spans(): ReceivedSpan[] {
    const sent = this.bodies.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    );
    return sent.map((span) => ({
      ...{ traceId: span.traceId, spanId: span.spanId, parentSpanId: span.parentSpanId },
      ...{ name: span.name, kind: span.kind },
      startNanos: BigInt(span.startTimeUnixNano),
      endNanos: BigInt(span.endTimeUnixNano),
      attributes: Object.fromEntries(span.attributes.map(({ key, value }) => [key, plain(value)])),
    }));
  }

  /** Waits until so many came. */
  async spansWhere(is: (span: ReceivedSpan) => boolean, count: number): Promise<ReceivedSpan[]> {
    return eventually(
      () => this.spans.filter(is),
      (found) => found.length >= count,
    );
  }

  spansOf(traceId: string, count: number): Promise<ReceivedSpan[]> {
    return this.spansWhere((span) => span.traceId === traceId, count);
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

function plain(value: Record<string, unknown>): unknown {
  const [[kind, content] = []] = Object.entries(value);
  return kind === 'intValue' ? Number(content) : content;
}
