import {
  DEVICE_BROWSERS,
  DEVICE_KINDS,
  DEVICE_OSES,
  type DeviceBrowser,
  type DeviceKind,
  type DeviceOs,
} from '../context.ts';
import type { Criterion } from '../criterion.ts';
import { oneOf, readObject, readTextList } from '../problem.ts';
import { truthOf, Unknown } from '../truth.ts';

export interface DeviceConfig {
  readonly kind?: readonly DeviceKind[];
  readonly os?: readonly DeviceOs[];
  readonly browser?: readonly DeviceBrowser[];
}

const KNOWN = { kind: DEVICE_KINDS, os: DEVICE_OSES, browser: DEVICE_BROWSERS } as const;
const KEYS = ['kind', 'os', 'browser'] as const;

/**
 * Whether the client says that it is such a device: each key that is given must hold. A convenience and no protection,
 * since anybody can say anything; `knownDevice` is the one that is proved.
 */
export const device: Criterion<DeviceConfig> = {
  asksRequest: true,
  expects: 'an object with at least one of kind, os, browser',
  parse(json, path, list) {
    const object = readObject(json, path, KEYS, list);
    if (!object) return undefined;
    if (Object.keys(object).length === 0) return list.note(path, 'at least one of kind, os, browser', json);
    const config: { [key: string]: readonly string[] } = {};
    for (const key of KEYS) {
      if (object[key] === undefined) continue;
      const words = readTextList(object[key], `${path}.${key}`, list, oneOf(KNOWN[key]));
      if (!words) return undefined;
      config[key] = words;
    }
    return config as DeviceConfig;
  },
  compile(config) {
    const parts = KEYS.filter((key) => config[key]).map((key) => ({ key, listed: new Set<string>(config[key]) }));
    return ({ device: hints }) => {
      let isKnown = true;
      for (const { key, listed } of parts) {
        const hint = hints[key];
        if (hint === undefined) isKnown = false;
        else if (!listed.has(hint)) return truthOf(false);
      }
      return isKnown ? truthOf(true) : Unknown;
    };
  },
};
