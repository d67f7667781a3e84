import { MAXIMUM_USER_AGENT_LENGTH } from './constants.ts';
import type { DeviceBrowser, DeviceHints, DeviceKind, DeviceOs } from './context.ts';

/** The fields of a request that say what it comes from. */
export interface DeviceFields {
  /** User-Agent. */
  readonly userAgent: string | undefined;
  /** Sec-CH-UA-Platform, a quoted text (User-Agent Client Hints). */
  readonly platform?: string | undefined;
  /** Sec-CH-UA-Mobile: `?1` or `?0`. */
  readonly mobile?: string | undefined;
}

/**
 * What a client says it is. Nothing is guessed: what is not said in a way that is known is left out. Chromium sends a
 * frozen User-Agent, so its client hints go first.
 */
export function readDeviceHints({ userAgent = '', platform, mobile }: DeviceFields): DeviceHints {
  const agent = userAgent.slice(0, MAXIMUM_USER_AGENT_LENGTH);
  if (BOT.test(agent)) return { kind: 'bot' };
  const os = osOfPlatform(platform) ?? osOf(agent);
  const browser = browserOf(agent);
  const kind = kindOf(agent, os, mobile);
  return { ...(kind && { kind }), ...(os && { os }), ...(browser && { browser }) };
}

const BOT = /bot\b|crawler|spider|^curl\/|^Wget\/|^python-|^Go-http-client|^okhttp\//i;

const OSES: readonly (readonly [RegExp, DeviceOs])[] = [
  [/\b(?:iPhone|iPad|iPod)\b/, 'ios'],
  [/\bAndroid\b/, 'android'],
  [/\bCrOS\b/, 'chromeos'],
  [/\bWindows NT\b/, 'windows'],
  [/\bMacintosh\b/, 'macos'],
  [/\bLinux\b/, 'linux'],
];

/** The first that fits: browsers say the names of those that they are like, too. */
const BROWSERS: readonly (readonly [RegExp, DeviceBrowser])[] = [
  [/\bEdgA?(?:iOS)?\//, 'edge'],
  [/\bOPR\/|\bOPiOS\//, 'opera'],
  [/\bSamsungBrowser\//, 'samsung'],
  [/\bFirefox\/|\bFxiOS\//, 'firefox'],
  [/\bChrome\/|\bCriOS\//, 'chrome'],
  [/\bVersion\/[\d.]+ (?:Mobile\/\w+ )?Safari\//, 'safari'],
];

const PLATFORMS: Readonly<Record<string, DeviceOs>> = {
  '"Windows"': 'windows',
  '"macOS"': 'macos',
  '"iOS"': 'ios',
  '"Android"': 'android',
  '"Linux"': 'linux',
  '"Chrome OS"': 'chromeos',
  '"Chromium OS"': 'chromeos',
};

function osOfPlatform(platform: string | undefined): DeviceOs | undefined {
  return platform !== undefined && Object.hasOwn(PLATFORMS, platform) ? PLATFORMS[platform] : undefined;
}

function osOf(agent: string): DeviceOs | undefined {
  return OSES.find(([pattern]) => pattern.test(agent))?.[1];
}

function browserOf(agent: string): DeviceBrowser | undefined {
  return BROWSERS.find(([pattern]) => pattern.test(agent))?.[1];
}

function kindOf(agent: string, os: DeviceOs | undefined, mobile: string | undefined): DeviceKind | undefined {
  if (/\bSmart-?TV\b|\bTV;|\bAppleTV\b|\bCrKey\b/.test(agent)) return 'tv';
  switch (os) {
    case 'ios':
      return /\biPad\b/.test(agent) ? 'tablet' : 'phone';
    case 'android':
      return mobile === '?1' || /\bMobile\b/.test(agent) ? 'phone' : 'tablet';
    case undefined:
      return undefined;
    default:
      return mobile === '?1' ? 'phone' : 'desktop';
  }
}
