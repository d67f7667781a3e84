/** Carries what a connector publishes by itself to control, and control's answer back. What is in it is not for a PoP to judge. */
import type { Duplex } from 'node:stream';
import { MAX_CONNECTOR_LINE_CHARS, readBlueprintEnvelope } from '../core/link/index.ts';
import { LineChannel } from '../io/overlay/line-channel.ts';
import { CONNECTOR_BLUEPRINT_LIFE_MS, CONNECTOR_BLUEPRINTS_AT_ONCE } from './constants.ts';
import type { ControlCalls } from './control-calls.ts';

export class ConnectorBlueprints {
  readonly #control: Pick<ControlCalls, 'call'>;
  /** One at a time of each connector, and so many of all. */
  readonly #open = new Map<string, Duplex>();

  constructor(control: Pick<ControlCalls, 'call'>) {
    this.#control = control;
  }

  accept(connectorId: string, stream: Duplex): void {
    this.#open.get(connectorId)?.destroy();
    stream.on('error', () => undefined);
    if (this.#open.size >= CONNECTOR_BLUEPRINTS_AT_ONCE) return void stream.destroy();
    this.#open.set(connectorId, stream);
    const late = setTimeout(() => stream.destroy(), CONNECTOR_BLUEPRINT_LIFE_MS);
    stream.on('close', () => {
      clearTimeout(late);
      if (this.#open.get(connectorId) === stream) this.#open.delete(connectorId);
    });
    let isAsked = false;
    const channel = new LineChannel(stream, MAX_CONNECTOR_LINE_CHARS, (line) => {
      const envelope = readBlueprintEnvelope(line);
      if (!envelope || isAsked) return void stream.destroy();
      isAsked = true;
      void this.#carry(connectorId, envelope, stream, channel);
    });
  }

  /** Without an answer the connector tries again, through this PoP or another one. */
  async #carry(
    connectorId: string,
    envelope: { readonly payload: string; readonly proof: string },
    stream: Duplex,
    channel: LineChannel,
  ): Promise<void> {
    const { payload, proof } = envelope;
    const answer = await this.#control.call('/internal/v1/connector-blueprints', { connectorId, payload, proof }, '');
    if (answer?.status !== 200 || stream.destroyed) return void stream.destroy();
    channel.send(JSON.stringify(answer.body));
    stream.end();
  }
}
