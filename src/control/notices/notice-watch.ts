import type { Clock, Random } from '../../base/index.ts';
import type { Log } from '../../io/log.ts';
import {
  type AlertRulesTable,
  type BadConditionsTable,
  badConditions,
  deleteBadCondition,
  enabledAlertRules,
  insertRaisedAlert,
  putBadCondition,
  type RaisedAlertsTable,
  raisedAlerts,
  type Store,
  type StoreTransaction,
} from '../../io/store/index.ts';
import { NodeLease } from '../node-lease.ts';
import { type Condition, conditionId } from './condition.ts';
import { EVENT_SETTLE_MS, NOTICE_LEASE_MS, NOTICE_LOOK_MS } from './constants.ts';
import { emit } from './emit.ts';
import { CONDITION_EVENTS } from './events.ts';
import type { Observed } from './observe.ts';

export interface NoticeWatchOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly controlId: string;
  readonly observe: () => Promise<Observed>;
  /** Tells of an alert, in the transaction. */
  readonly tell: (transaction: StoreTransaction, rule: AlertRulesTable, alert: Alert) => Promise<void>;
  /** There may be something to send. */
  readonly told: () => void;
}

/** That something is bad for as long as a rule says, or well again. */
export interface Alert {
  readonly state: 'raised' | 'recovered';
  readonly condition: Pick<BadConditionsTable, 'kind' | 'subject_id' | 'name' | 'reason' | 'since_unix_ms'>;
}

/**
 * Sees what goes bad and what is well again, and tells it once: one control node at a time looks, by its lease, and what it
 * saw and told is in the store, in one transaction with what is sent. Another node, or the same after a restart, goes on.
 */
export class NoticeWatch {
  readonly #options: NoticeWatchOptions;
  readonly #lease: NodeLease;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<unknown> = Promise.resolve();

  constructor(options: NoticeWatchOptions) {
    this.#options = options;
    this.#lease = new NodeLease('notices', options.controlId, NOTICE_LEASE_MS);
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.look());
    }, NOTICE_LOOK_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#lease.end(this.#options.store.database).catch(() => undefined);
  }

  /** False where another node looks, or nothing could be seen. */
  async look(): Promise<boolean> {
    const { store, clock, observe, log, told } = this.#options;
    try {
      if (!(await this.#lease.take(store.database, clock.unixMs()))) return false;
      const observed = await observe();
      await store.transaction(async (transaction) => {
        if (await this.#lease.isHeld(transaction, clock.unixMs())) await this.#compare(transaction, observed);
      });
      told();
      return true;
    } catch (error) {
      log.warn('it could not be seen what is bad', { error });
      return false;
    }
  }

  async #compare(transaction: StoreTransaction, { conditions, unknown }: Observed): Promise<void> {
    const known = new Map((await badConditions(transaction)).map((row) => [row.id, row]));
    const rules = await enabledAlertRules(transaction);
    // Where a region is gone, much is bad at once: alerts are found by what they are about.
    const raised = Map.groupBy(await raisedAlerts(transaction), (alert) => alert.condition_id);
    const present = new Set<string>();
    for (const condition of conditions) {
      const id = conditionId(condition);
      present.add(id);
      const row = known.get(id);
      if (condition.reason !== undefined)
        await this.#bad(transaction, { ...condition, id }, row, rules, raised.get(id) ?? []);
      else if (row) await this.#well(transaction, row, rules, raised.get(id) ?? []);
    }
    // What is gone altogether is forgotten; nobody asks for it any more.
    for (const row of known.values())
      if (!present.has(row.id) && !(unknown as ReadonlySet<string>).has(row.kind))
        await deleteBadCondition(transaction, row.id);
  }

  async #bad(
    transaction: StoreTransaction,
    condition: Condition & { readonly id: string },
    known: BadConditionsTable | undefined,
    rules: readonly AlertRulesTable[],
    raised: readonly RaisedAlertsTable[],
  ): Promise<void> {
    const nowUnixMs = Math.round(this.#options.clock.unixMs());
    const { id, kind, subjectId, organisationId, name, reason = '' } = condition;
    const since = known?.since_unix_ms ?? nowUnixMs;
    const isNews = known?.told !== 1 && nowUnixMs - since >= EVENT_SETTLE_MS;
    const row: BadConditionsTable = {
      ...{ id, organisation_id: organisationId, kind, subject_id: subjectId, name, reason },
      ...{ since_unix_ms: since, told: known?.told === 1 || isNews ? 1 : 0 },
    };
    if (!known || isNews || known.reason !== reason) await putBadCondition(transaction, row);
    if (isNews) await emit(this.#options, transaction, eventOf(row, 0));
    for (const rule of rules.filter((each) => isAbout(each, row))) {
      const alertId = `${rule.id} ${id}`;
      if (nowUnixMs - since < rule.hold_ms || raised.some((each) => each.id === alertId)) continue;
      const alert = { id: alertId, rule_id: rule.id, condition_id: id, raised_unix_ms: nowUnixMs };
      await insertRaisedAlert(transaction, alert);
      await this.#options.tell(transaction, rule, { state: 'raised', condition: row });
    }
  }

  async #well(
    transaction: StoreTransaction,
    row: BadConditionsTable,
    rules: readonly AlertRulesTable[],
    raised: readonly RaisedAlertsTable[],
  ): Promise<void> {
    await deleteBadCondition(transaction, row.id);
    if (row.told === 1) await emit(this.#options, transaction, eventOf(row, 1));
    for (const { rule_id: ruleId } of raised) {
      const rule = rules.find(({ id }) => id === ruleId);
      if (rule) await this.#options.tell(transaction, rule, { state: 'recovered', condition: row });
    }
  }
}

function isAbout(rule: AlertRulesTable, row: BadConditionsTable): boolean {
  if (rule.kind !== row.kind) return false;
  if (row.organisation_id !== null && row.organisation_id !== rule.organisation_id) return false;
  return rule.subject_id === null || rule.subject_id === row.subject_id;
}

function eventOf(row: BadConditionsTable, which: 0 | 1) {
  const type = CONDITION_EVENTS[row.kind as Condition['kind']][which];
  const data = { id: row.subject_id, name: row.name, reason: row.reason, sinceUnixMs: row.since_unix_ms };
  return { type, organisationId: row.organisation_id, data };
}
