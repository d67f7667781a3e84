import type { Clock, Random } from '../../base/index.ts';
import {
  type DeviceRecord,
  decodeSiteGrant,
  type GrantedTarget,
  isDialled,
  type SignedDocument,
  type TargetStatus,
} from '../../core/link/index.ts';
import type { CheckAnswer } from '../../io/check-target.ts';
import type { Log } from '../../io/log.ts';
import { TargetChecks } from '../../io/target-checks.ts';
import { DialFailure } from '../dialer.ts';
import type { TargetsListener } from './connector-links.ts';
import { DEVICE_DIAL_TIMEOUT_MS } from './constants.ts';
import type { DeviceTunnels } from './device-tunnels.ts';

export interface DeviceChecksOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly popId: string;
  readonly tunnels: Pick<DeviceTunnels, 'connect' | 'state'>;
  /** Hears what is found out, as if the device had said it. */
  readonly onTargets: TargetsListener | undefined;
}

interface Checked {
  readonly checks: TargetChecks;
  grant: SignedDocument | undefined;
  record: DeviceRecord;
}

/**
 * Checks of what lies behind our own devices, which make none themselves: as the grant of the site asks for them, through
 * the device's tunnel. While that is down no verdict is given.
 */
export class DeviceChecks {
  readonly #options: DeviceChecksOptions;
  /** By the id of the device. */
  readonly #checked = new Map<string, Checked>();

  constructor(options: DeviceChecksOptions) {
    this.#options = options;
  }

  follow(devices: readonly DeviceRecord[], grants: ReadonlyMap<string, SignedDocument>): void {
    const own = new Map(devices.flatMap((one) => (one.popId === this.#options.popId ? [[one.id, one] as const] : [])));
    for (const [id, { checks }] of this.#checked) if (!own.has(id)) this.#forget(id, checks);
    for (const [id, record] of own) {
      const grant = grants.get(record.siteId);
      const known = this.#checked.get(id);
      if (known && known.grant?.signature === grant?.signature && known.record === record) continue;
      const checks = known?.checks ?? this.#checksOf(record);
      this.#checked.set(id, { checks, grant, record });
      checks.follow(targetsOf(record, grant).filter(isDialled));
    }
  }

  /** Tells once more how every target is: the snapshot may know them only now. */
  repeat(): void {
    for (const [id, { checks }] of this.#checked) this.#tell(id, checks.states());
  }

  close(): void {
    for (const { checks } of this.#checked.values()) checks.close();
    this.#checked.clear();
  }

  #checksOf({ id, overlayAddress }: DeviceRecord): TargetChecks {
    const { clock, random, log } = this.#options;
    return new TargetChecks({
      ...{ clock, random, log },
      onChange: (changes) => this.#tell(id, changes),
      dial: ({ host, port }, timeoutMs, answer) =>
        this.#dial({ overlayAddress, behind: host, port, timeoutMs }, answer),
    });
  }

  #dial(to: Parameters<DeviceTunnels['connect']>[0], answer: CheckAnswer): { destroy(): void } {
    let isOver = false;
    const timeoutMs = Math.min(to.timeoutMs, DEVICE_DIAL_TIMEOUT_MS);
    const dialled = this.#options.tunnels.connect({ ...to, timeoutMs });
    dialled.then(
      (stream) => (isOver ? stream.destroy() : answer.connected(stream)),
      (error: unknown) => {
        if (!isOver) answer.failed(...refusalOf(error));
      },
    );
    return {
      destroy(): void {
        isOver = true;
        dialled.then(
          (stream) => stream.destroy(),
          () => undefined,
        );
      },
    };
  }

  /** Nobody tells any more when that changes, so it must not be believed for ever. */
  #forget(id: string, checks: TargetChecks): void {
    this.#checked.delete(id);
    checks.close();
    this.#tell(
      id,
      checks.states().map((status) => ({ ...status, state: 'unknown', reason: 'not-checked' })),
    );
  }

  #tell(deviceId: string, status: readonly TargetStatus[]): void {
    if (status.length > 0) this.#options.onTargets?.(deviceId, status);
  }
}

/** Targets that the grant knows, at the address and port where the device leads to. */
function targetsOf({ targets }: DeviceRecord, grant: SignedDocument | undefined): GrantedTarget[] {
  const decoded = grant && decodeSiteGrant(grant.payload);
  if (!decoded?.ok) return [];
  const behind = new Map(targets.map((target) => [target.id, target]));
  return decoded.value.targets.filter(({ id, host, port }) => {
    const target = behind.get(id);
    return target?.address === host && target.port === port;
  });
}

function refusalOf(error: unknown): Parameters<CheckAnswer['failed']> {
  const code = error instanceof DialFailure ? error.code : 'reset';
  switch (code) {
    case 'target-refused':
    case 'reset':
      return ['refused', code];
    case 'target-timed-out':
      return ['no-answer', 'ETIMEDOUT'];
    case 'target-unreachable':
      return ['no-answer', code];
    case 'no-path':
    case 'pop-lost':
      return ['no-way', code];
  }
}
