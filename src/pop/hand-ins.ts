/** Carries what connectors hand in to control, and control's answer back. What is in it is not for a PoP to judge. */
import type { Duplex } from 'node:stream';
import {
  CONNECTOR_BLUEPRINT_PORT,
  CONNECTOR_DIAGNOSIS_PORT,
  MAX_CONNECTOR_LINE_CHARS,
  readBlueprintEnvelope,
  readDiagnosis,
} from '../core/link/index.ts';
import { LineChannel } from '../io/overlay/line-channel.ts';
import { HAND_IN_LIFE_MS, HAND_INS_AT_ONCE } from './constants.ts';
import type { ControlCalls } from './control-calls.ts';

interface HandIn {
  /** Where control takes it. */
  readonly path: string;
  /** What it is told beside the connector's id; undefined where the line is none. */
  readonly read: (line: string) => Readonly<Record<string, string>> | undefined;
}

const KINDS: ReadonlyMap<number, HandIn> = new Map([
  [
    CONNECTOR_BLUEPRINT_PORT,
    {
      path: '/internal/v1/connector-blueprints',
      read: (line) => {
        const envelope = readBlueprintEnvelope(line);
        return envelope && { payload: envelope.payload, proof: envelope.proof };
      },
    },
  ],
  [
    CONNECTOR_DIAGNOSIS_PORT,
    {
      path: '/internal/v1/connector-diagnoses',
      read: (line) => (readDiagnosis(line) ? { diagnosis: line } : undefined),
    },
  ],
]);

export class HandIns {
  readonly #control: Pick<ControlCalls, 'call'>;
  /** One of each kind at a time of each connector, and so many of all. */
  readonly #open = new Map<string, Duplex>();

  constructor(control: Pick<ControlCalls, 'call'>) {
    this.#control = control;
  }

  /** @param port of the overlay, which says what is handed in. */
  accept(connectorId: string, port: number, stream: Duplex): void {
    const kind = KINDS.get(port);
    const key = `${connectorId} ${port}`;
    this.#open.get(key)?.destroy();
    stream.on('error', () => undefined);
    if (!kind || this.#open.size >= HAND_INS_AT_ONCE) return void stream.destroy();
    this.#open.set(key, stream);
    const late = setTimeout(() => stream.destroy(), HAND_IN_LIFE_MS);
    stream.on('close', () => {
      clearTimeout(late);
      if (this.#open.get(key) === stream) this.#open.delete(key);
    });
    let isAsked = false;
    const channel = new LineChannel(stream, MAX_CONNECTOR_LINE_CHARS, (line) => {
      const told = kind.read(line);
      if (!told || isAsked) return void stream.destroy();
      isAsked = true;
      void this.#carry(kind.path, { connectorId, ...told }, stream, channel);
    });
  }

  /** Without an answer the connector tries again, through this PoP or another one. */
  async #carry(
    path: string,
    told: Readonly<Record<string, unknown>>,
    stream: Duplex,
    channel: LineChannel,
  ): Promise<void> {
    const answer = await this.#control.call(path, told, '');
    if (answer?.status !== 200 || stream.destroyed) return void stream.destroy();
    channel.send(JSON.stringify(answer.body));
    stream.end();
  }
}
