/** A control node for tests of a PoP: it answers what the test says, and keeps what it was asked. */
import { createServer } from 'node:https';
import { issueLeaf } from '../io/certificates.ts';
import { createRandom } from '../io/random.ts';
import type { PopWorld } from './pop-world.ts';

export interface ControlCall {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

export type ControlReply = readonly [status: number, body?: object];

export class StandInControl {
  readonly calls: ControlCall[] = [];
  readonly #world: PopWorld;
  #port = 0;

  constructor(world: PopWorld) {
    this.#world = world;
  }

  /** The PoP's link is with it from then on. */
  async start(answer: (call: ControlCall) => ControlReply): Promise<void> {
    const { ca, clock } = this.#world;
    const leaf = issueLeaf(ca, { dns: [], ip: ['127.0.0.1'] }, clock.unixMs(), createRandom());
    const server = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, async (request, response) => {
      let text = '';
      for await (const part of request) text += part;
      const call = { path: request.url ?? '', body: text === '' ? {} : JSON.parse(text) };
      this.calls.push(call);
      const [status, body] = answer(call);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body && JSON.stringify(body));
    });
    this.#port = await this.#world.listen(server);
    this.open();
  }

  open(): void {
    this.#world.link.open({
      controlId: 'control-1',
      baseUrl: `https://127.0.0.1:${this.#port}`,
      authentication: 'pop-1.secret',
      caPem: this.#world.ca.certificatePem,
    });
  }

  /** The last call of a path. */
  last(path: string): ControlCall | undefined {
    return this.calls.findLast((call) => call.path === path);
  }
}
