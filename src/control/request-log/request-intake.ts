/** Requests of the log, which PoPs send over their links. */
import type { Clock } from '../../base/index.ts';
import type {
  PopToControl,
  RequestRecord,
  ResourceTraffic,
  SentRequest,
  SigningPort,
  SnapshotState,
} from '../../core/link/index.ts';
import type { Log } from '../../io/log.ts';
import { insertRequests, type Store } from '../../io/store/index.ts';
import { AuditAllowance } from '../audit-allowance.ts';
import { REQUESTS_PER_SECOND_PER_POP } from '../constants.ts';
import { organisationOf, plausibleUnixMs, requestLogId } from './heard-request.ts';
import { requestRow } from './request-rows.ts';

/** Traffic of a resource, by whose it is. */
export interface HeardTraffic extends ResourceTraffic {
  readonly organisationId: string;
}

/** What a PoP told, as others may be told: nothing in it is of a resource that there is not. */
export interface HeardRequests {
  readonly popId: string;
  readonly unixMs: number;
  readonly lost: number;
  readonly records: readonly (RequestRecord & { readonly logId: string })[];
  readonly traffic: readonly HeardTraffic[];
}

export interface RequestIntakeOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly signing: SigningPort;
  /** What is published: whose a resource is. */
  readonly publisher: () => { readonly current: SnapshotState | undefined };
}

type Message = Extract<PopToControl, { type: 'requests' }>;

export class RequestIntake {
  readonly #options: RequestIntakeOptions;
  /** By PoP: a link that breaks and comes back does not begin anew. */
  readonly #allowances = new Map<string, AuditAllowance>();
  readonly #listeners = new Set<(heard: HeardRequests) => void>();
  #writing = 0;

  constructor(options: RequestIntakeOptions) {
    this.#options = options;
  }

  /** A PoP is no longer enrolled. */
  forget(popId: string): void {
    this.#allowances.delete(popId);
  }

  /** Hears of everything that PoPs linked with this node tell; gives what ends that. */
  listen(listener: (heard: HeardRequests) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async take(popId: string, message: Message): Promise<void> {
    const heard = this.#heard(popId, message);
    for (const listener of this.#listeners) listener(heard);
    if (heard.records.length === 0) return;
    // A store that does not keep up loses requests of the log rather than filling memory.
    if (this.#writing > 0 && this.#writing + heard.records.length > REQUESTS_PER_SECOND_PER_POP * 4) return;
    this.#writing += heard.records.length;
    try {
      await insertRequests(this.#options.store.database, heard.records.map(requestRow));
    } catch (error) {
      this.#options.log.error('requests of a PoP were not logged', { popId, error });
    } finally {
      this.#writing -= heard.records.length;
    }
  }

  #heard(popId: string, { unixMs, lost, records, traffic }: Message): HeardRequests {
    const { clock, publisher, signing } = this.#options;
    const allowance = this.#allowances.get(popId) ?? new AuditAllowance(clock.nowMs(), REQUESTS_PER_SECOND_PER_POP);
    this.#allowances.set(popId, allowance);
    const state = publisher().current;
    const taken = records.slice(0, allowance.take(records.length, clock.nowMs()));
    return {
      ...{ popId, unixMs: plausibleUnixMs(clock, unixMs) },
      lost: lost + records.length - taken.length,
      records: taken.flatMap((record) => {
        const organisationId = organisationOf(state, record.resourceId);
        if (organisationId === undefined) return [];
        const own = { ...storable(record), unixMs: plausibleUnixMs(clock, record.unixMs) };
        const logId = requestLogId(signing, popId, own);
        return [{ ...own, popId, organisationId, logId }];
      }),
      traffic: traffic.flatMap((each) => {
        const organisationId = organisationOf(state, each.resourceId);
        return organisationId === undefined ? [] : [{ ...each, organisationId }];
      }),
    };
  }
}

/** PostgreSQL takes no NUL; one request with it must not keep the others of its batch out. */
function storable(record: SentRequest): SentRequest {
  const text = JSON.stringify(record);
  return text.includes('\\u0000') ? (JSON.parse(text.replaceAll('\\u0000', '\ufffd')) as SentRequest) : record;
}
