/** Captured requests, which PoPs send over their links: sealed and kept for as long as their resource says. */
import type { CapturedRequest, CaptureSettings } from '../../core/capture/index.ts';
import type { PopToControl } from '../../core/link/index.ts';
import { insertCaptures, type RequestCapturesTable, trimCaptures } from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { AuditAllowance } from '../audit-allowance.ts';
import { organisationOf, plausibleUnixMs, requestLogId, resourceIn } from '../request-log/heard-request.ts';
import type { RequestIntakeOptions } from '../request-log/request-intake.ts';
import { sealCaptured } from './captured-row.ts';
import { CAPTURE_ROW_BYTES, CAPTURES_PER_SECOND_PER_POP, CAPTURES_WAITING_MAX } from './constants.ts';
import { LostCaptures } from './lost-captures.ts';

export interface CaptureIntakeOptions extends RequestIntakeOptions {
  readonly keys: { readonly sealing: StoreSealing };
  /** How much an organisation may have of them. */
  readonly captureBytesOf: (organisationId: string) => Promise<number>;
}

const HOUR_MS = 3_600_000;

export class CaptureIntake {
  readonly #options: CaptureIntakeOptions;
  readonly #allowances = new Map<string, AuditAllowance>();
  /** What found no room here. */
  readonly lost: LostCaptures;
  #waiting = 0;

  constructor(options: CaptureIntakeOptions) {
    this.#options = options;
    this.lost = new LostCaptures(options);
  }

  /** A PoP is no longer enrolled. */
  forget(popId: string): void {
    this.#allowances.delete(popId);
  }

  async take(popId: string, { records }: Extract<PopToControl, { type: 'captures' }>): Promise<void> {
    const { clock, log, store, publisher, captureBytesOf } = this.#options;
    const allowance = this.#allowances.get(popId) ?? new AuditAllowance(clock.nowMs(), CAPTURES_PER_SECOND_PER_POP);
    this.#allowances.set(popId, allowance);
    const allowed = records.slice(0, allowance.take(records.length, clock.nowMs()));
    this.lost.add('rate', popId, records.slice(allowed.length));
    if (this.#waiting + allowed.length > CAPTURES_WAITING_MAX) return this.lost.add('waiting', popId, allowed);
    this.#waiting += allowed.length;
    try {
      const kept = new Map<string, CaptureSettings>();
      const rows = allowed.flatMap((record) => {
        // Whoever turned it off meanwhile wants no more of it.
        const settings = resourceIn(publisher().current, record.resourceId)?.capture;
        if (settings) kept.set(record.resourceId, settings);
        return settings ? this.#row(popId, record, settings) : [];
      });
      await insertCaptures(store.database, rows);
      for (const [resourceId, { keptCaptures, keptBytes }] of kept)
        await trimCaptures(store.database, { resourceId }, { entries: keptCaptures, bytes: keptBytes });
      for (const organisationId of new Set(rows.map((row) => row.organisation_id)))
        await trimCaptures(store.database, { organisationId }, { bytes: await captureBytesOf(organisationId) });
    } catch (error) {
      log.error('captured requests of a PoP were not kept', { popId, error });
      this.lost.add('store', popId, allowed);
    } finally {
      this.#waiting -= allowed.length;
    }
  }

  #row(popId: string, record: CapturedRequest, settings: CaptureSettings): RequestCapturesTable[] {
    const { clock, signing, keys, publisher } = this.#options;
    const organisationId = organisationOf(publisher().current, record.resourceId);
    if (organisationId === undefined) return [];
    const own = { ...record, unixMs: plausibleUnixMs(clock, record.unixMs) };
    const id = requestLogId(signing, popId, own);
    const sealed = sealCaptured(keys.sealing, id, own);
    return [
      {
        ...{ id, organisation_id: organisationId, resource_id: record.resourceId, pop_id: popId, sealed },
        ...{ unix_ms: own.unixMs, expires_unix_ms: own.unixMs + settings.keptHours * HOUR_MS },
        size_bytes: sealed.length + CAPTURE_ROW_BYTES,
      },
    ];
  }
}
