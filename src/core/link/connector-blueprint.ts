/**
 * What a connector publishes by itself, on its way to control. The connector opens a TCP stream to
 * `CONNECTOR_BLUEPRINT_PORT` of a PoP, sends one line and reads one. The PoP passes both on. It cannot change what was
 * handed in, nor hand in anything itself: the line carries a proof by the connector's own key.
 */
import { type Check, integer, object, oneOf, optional, string } from './shape.ts';

/** TCP port on a PoP's overlay address. */
export const CONNECTOR_BLUEPRINT_PORT = 7;
/** Longest document of one connector: thousands of containers. */
export const CONNECTOR_BLUEPRINT_MAX_CHARS = 512 * 1024;

export type ConnectorBlueprintKind = 'docker' | 'file';

/** Something that was not understood, or not taken. */
export interface BlueprintNews {
  /** `container web: manis.port`. */
  readonly place: string;
  /** A name for it: `port-unclear`. */
  readonly reason: string;
  readonly text: string;
}

/** The payload, as JSON in the envelope. */
export interface ConnectorBlueprint {
  readonly connectorId: string;
  readonly kind: ConnectorBlueprintKind;
  /** Grows; Unix milliseconds do. */
  readonly sequence: number;
  /** A blueprint of resources alone, YAML or JSON. */
  readonly document: string;
  readonly problems: readonly BlueprintNews[];
}

export interface BlueprintEnvelope {
  readonly payload: string;
  /** Base64url, by the key that both ends alone have. */
  readonly proof: string;
}

export interface BlueprintAnswer {
  readonly outcome: 'applied' | 'refused';
  readonly text: string;
  readonly problems: readonly BlueprintNews[];
  /** Hand it in again after this: something is to be removed by then. */
  readonly againMs?: number | undefined;
}

const envelope = object({ payload: string(2 * CONNECTOR_BLUEPRINT_MAX_CHARS), proof: string(64) });
const news = object({ place: string(), reason: string(64), text: string() });
const newsList: Check = (value, path) =>
  Array.isArray(value) && value.length <= 1_000
    ? value.map((one, at) => news(one, `${path}[${at}]`)).find(Boolean)
    : path;
const answer = object({
  ...{ outcome: oneOf('applied', 'refused'), text: string(), problems: newsList },
  againMs: optional(integer()),
});
const blueprint = object({
  ...{ connectorId: string(128), kind: oneOf('docker', 'file'), sequence: integer() },
  ...{ document: string(CONNECTOR_BLUEPRINT_MAX_CHARS), problems: newsList },
});

/** Undefined where the line is none. */
export const readBlueprintEnvelope = (line: string): BlueprintEnvelope | undefined => read(line, envelope);
export const readBlueprintAnswer = (line: string): BlueprintAnswer | undefined => read(line, answer);
export const readConnectorBlueprint = (payload: string): ConnectorBlueprint | undefined => read(payload, blueprint);

function read<Value>(line: string, check: Check): Value | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return check(value, '') === undefined ? (value as Value) : undefined;
  } catch {
    return undefined;
  }
}
