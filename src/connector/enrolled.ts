import { join } from 'node:path';
import { Failure, toBase64 } from '../base/index.ts';
import { decodeConnectorEnrolmentResponse, type SignedDocument } from '../core/link/index.ts';
import type { EnrolmentDoors } from '../io/enrolment-client.ts';
import { OWNER_ONLY, readJson, writeJson } from '../io/files.ts';
import type { Log } from '../io/log.ts';
import type { OutboundSettings } from '../io/outbound/outbound-agents.ts';

/** What enrolment gave, in `<dataDir>/connector.json`. */
export interface Enrolled {
  readonly connectorId: string;
  readonly siteId: string;
  readonly rootKey: string;
}

export interface EnrolOptions {
  readonly dataDir: string;
  /** Needed until the connector is enrolled; ignored afterwards. */
  readonly enrolment?: EnrolmentDoors & {
    readonly token: string;
    /** How the dashboard names this connector. */
    readonly name: string;
  };
  /** How every HTTPS and WebSocket connection gets out. */
  readonly outbound?: OutboundSettings;
  readonly log: Log;
}

/** What the first start gave, or gives now. Failures `not-enrolled`, `enrolment-answer-malformed`. */
export async function enrolOrRead(
  options: EnrolOptions,
  publicKey: Uint8Array,
): Promise<{ enrolled: Enrolled; grant?: SignedDocument }> {
  const path = join(options.dataDir, 'connector.json');
  const stored = (await readJson(path)) as Partial<Enrolled> | undefined;
  if (stored?.connectorId && stored.siteId && stored.rootKey) return { enrolled: stored as Enrolled };
  const { enrolment } = options;
  if (!enrolment) {
    throw new Failure('not-enrolled', 'this connector is not enrolled: run "manis connector join TOKEN" once');
  }
  // Once in a connector's life.
  const { enrol } = await import('../io/enrolment-client.ts');
  const body = { token: enrolment.token, wireguardKey: toBase64(publicKey), name: enrolment.name };
  const decoded = decodeConnectorEnrolmentResponse(
    await enrol({ ...enrolment, ...options.outbound }, { as: 'connector', body }),
  );
  if (!decoded.ok) {
    throw new Failure('enrolment-answer-malformed', `the answer to the enrolment is wrong at ${decoded.path}`);
  }
  const answer = decoded.value;
  const enrolled: Enrolled = { connectorId: answer.connectorId, siteId: answer.siteId, rootKey: answer.rootKey };
  await writeJson(path, enrolled, OWNER_ONLY);
  options.log.info('enrolled', { connectorId: enrolled.connectorId, siteId: enrolled.siteId });
  return { enrolled, grant: answer.grant };
}
