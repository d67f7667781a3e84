/**
 * Settings: one value for each thing that a person can set, with the words for flags, usage and errors beside it.
 * `portBase` is the flag `--port-base`, the variable `MANIS_PORT_BASE` and the key `portBase` of a YAML file.
 */
import { isIP } from 'node:net';
import { parsePrefix } from '../../base/index.ts';
import { LOG_LEVELS } from '../../io/log.ts';
import { numberBetween, oneOf, text, urlOf, Value, WRONG } from './value.ts';

export interface SettingWords {
  readonly description: string;
  /** Completes "expected ...". */
  readonly expected: string;
  /** `switch` takes no value, `list` may be given several times or with commas. */
  readonly kind: 'switch' | 'value' | 'list';
  readonly hint?: string;
  /** Its value is not repeated in errors. */
  readonly isSecret?: boolean;
}

const WORDS = new WeakMap<Value<unknown>, SettingWords>();

/** Adds the words to a value; `wordsOf` gives them back. */
export function worded<Out>(value: Value<Out>, words: SettingWords): Value<Out> {
  const own = new Value(value.read);
  WORDS.set(own, words);
  return own;
}

export function wordsOf(value: Value<unknown>): SettingWords {
  const words = WORDS.get(value);
  if (!words) throw new Error('a setting has no words');
  return words;
}

export const switchValue: Value<boolean> = new Value((input) => {
  if (typeof input === 'boolean') return input;
  if (input === 'true' || input === '1') return true;
  return input === 'false' || input === '0' ? false : WRONG;
});

export function wholeNumber(least: number, most: number): Value<number> {
  return numberBetween(least, most, /^\d{1,15}$/).to((number) => (Number.isInteger(number) ? number : WRONG));
}

export const httpUrl = urlOf(/^https?$/);
export const httpsUrl = urlOf(/^https$/);
export const filePath = text();

/** `chain.pem:key.pem` */
export const filePair = text().to((given) => {
  const [chainPath, keyPath, more] = given.split(':');
  return chainPath && keyPath && more === undefined ? { chainPath, keyPath } : WRONG;
});
export const logLevel = oneOf(LOG_LEVELS);
export const email = text({ most: 254, pattern: /^[^\s@]{1,64}@[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/ });

/** `127.0.0.1:8443`, `[::1]:8443`; port 0 lets the machine choose. */
export const listenEndpoint = text().to((given) => {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(given);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  return isIP(host) === (match?.[1] === undefined ? 4 : 6) && port <= 65535 ? { host, port } : WRONG;
});

export const ipAddressText = text().to((given) => (isIP(given) ? given : WRONG));

/** `5432` or `5000-5010`. */
export const portRange = text().to((given) => {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(given);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  return first >= 1 && first <= last && last <= 65_535 ? { first, last } : WRONG;
});

/** An address, or a block of them: `10.0.0.0/8`. */
export const addressPrefix = text().to((given) => parsePrefix(given) ?? WRONG);

/** Several values: a YAML list, repeated flags, or one text with commas. */
export function listOf<Item>(item: Value<Item>): Value<Item[]> {
  return new Value((input) => {
    const texts = typeof input === 'string' ? [input] : input;
    if (!Array.isArray(texts) || !texts.every((one) => typeof one === 'string')) return WRONG;
    const read = texts
      .flatMap((one) => one.split(','))
      .filter(Boolean)
      .map(item.read);
    return read.length > 0 && !read.includes(WRONG) ? (read as Item[]) : WRONG;
  });
}

/** What `listenEndpoint` expects. */
export const ADDRESS_AND_PORT = 'an address and port such as 127.0.0.1:8443 or [::1]:8443';

export function formatListen(endpoint: { readonly host: string; readonly port: number }): string {
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}
