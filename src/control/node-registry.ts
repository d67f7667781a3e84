import { type Clock, toBase64Url } from '../base/index.ts';
import type { Log } from '../io/log.ts';
import {
  type ControlNodesTable,
  deleteControlNode,
  deleteKey,
  deletePopStatusesOf,
  findControlNode,
  nextRevision,
  putControlNode,
  type Store,
  touchControlNode,
} from '../io/store/index.ts';
import { NODE_FORGOTTEN_MS, NODE_HEARTBEAT_MS } from './constants.ts';
import type { ControlKeys } from './keys.ts';
import { asRow, requireSameSettings, type SharedSettings } from './shared-settings.ts';

export interface NodeRegistryOptions {
  readonly store: Store;
  readonly keys: ControlKeys;
  readonly clock: Clock;
  readonly log: Log;
  readonly software: string;
  readonly settings: SharedSettings;
}

/** This node's row among the control nodes: who it is, where it is reached, that it is alive. */
export class NodeRegistry {
  readonly #options: NodeRegistryOptions;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #url = '';

  constructor(options: NodeRegistryOptions) {
    this.#options = options;
  }

  /**
   * Enters the node under a revision of its own, and keeps its row alive from here on. Failure `control-settings-differ`;
   * of two that start together and differ, the second is refused.
   */
  async enter(url: string): Promise<void> {
    this.#url = url;
    await this.#enter();
    this.#timer = setInterval(() => {
      this.#beating = this.#beating.then(() => this.#beat());
    }, NODE_HEARTBEAT_MS);
    this.#timer.unref();
  }

  /** Says that it is gone, as far as the store can be reached. */
  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    const { store, keys, log } = this.#options;
    try {
      await deletePopStatusesOf(store.database, keys.controlId);
      await touchControlNode(store.database, keys.controlId, 0);
    } catch (error) {
      log.warn('the store does not know that this node stops', { error });
    }
  }

  /** Forgets nodes that have been gone for longer than anything lives that they signed. True when it did. */
  async forgetOld(): Promise<boolean> {
    const { store, keys, clock, log } = this.#options;
    const goneSince = clock.unixMs() - NODE_FORGOTTEN_MS;
    const isOld = (node: ControlNodesTable) =>
      node.id !== keys.controlId && Math.max(node.seen_unix_ms, node.started_unix_ms) < goneSince;
    return store.transaction(async (transaction) => {
      const old = (await transaction.selectFrom('control_nodes').selectAll().execute()).filter(isOld);
      if (old.length === 0) return false;
      await nextRevision(transaction);
      for (const { id } of old) {
        await deleteControlNode(transaction, id);
        await deleteKey(transaction, id);
        log.info('a control node that is gone is forgotten', { controlId: id });
      }
      return true;
    });
  }

  async #enter(): Promise<void> {
    const { store, keys, clock, software, settings } = this.#options;
    const nowUnixMs = Math.round(clock.unixMs());
    await store.publish(async (transaction) => {
      await requireSameSettings(transaction, { ...settings, controlId: keys.controlId }, nowUnixMs);
      // Links of an earlier run have ended with it.
      await deletePopStatusesOf(transaction, keys.controlId);
      await putControlNode(transaction, {
        id: keys.controlId,
        signing_key: toBase64Url(keys.signer.publicKey),
        url: this.#url,
        software,
        started_unix_ms: nowUnixMs,
        seen_unix_ms: nowUnixMs,
        ...asRow(settings),
      });
    });
  }

  /** A store that was restored may not know the node: PoPs would refuse what it signs, so it enters again. */
  async #beat(): Promise<void> {
    const { store, keys, clock, log } = this.#options;
    try {
      if (await touchControlNode(store.database, keys.controlId, clock.unixMs())) return;
      if (!(await findControlNode(store.database, keys.controlId))) await this.#enter();
    } catch (error) {
      log.debug('no sign of life could be left in the store', { error });
    }
  }
}
