/**
 * Settings: one zod schema for each thing that a person can set, with the words for flags, usage and errors beside it.
 * `portBase` is the flag `--port-base`, the variable `MANIS_PORT_BASE` and the key `portBase` of a YAML file.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { LOG_LEVELS } from '../../io/log.ts';

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

/** A schema that reads the text of a flag or variable as well as the value of a YAML file. */
export type Settings = z.ZodObject<z.ZodRawShape>;

/** Adds the words to a schema; `wordsOf` gives them back. */
export function worded<Schema extends z.ZodType>(schema: Schema, words: SettingWords): Schema {
  return schema.meta({ words }) as Schema;
}

export function wordsOf(schema: unknown): SettingWords {
  const words = (schema as z.ZodType).meta()?.['words'];
  if (!words) throw new Error('a setting has no words');
  return words as SettingWords;
}

export const switchValue = z.union([z.boolean(), z.enum(['true', 'false', '1', '0'])]).transform((value) => {
  return value === true || value === 'true' || value === '1';
});

export function wholeNumber(minimum: number, maximum: number) {
  return z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
    ])
    .pipe(z.number().int().min(minimum).max(maximum));
}

export const httpUrl = z
  .url({ protocol: /^https?$/, hostname: z.regexes.hostname })
  .or(z.url({ protocol: /^https?$/ }));
export const httpsUrl = z.url({ protocol: /^https$/ });
export const filePath = z.string().min(1);
export const logLevel = z.enum(LOG_LEVELS);

/** `127.0.0.1:8443`, `[::1]:8443`; port 0 lets the machine choose. */
export const listenEndpoint = z.string().transform((text, context) => {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  if (isIP(host) !== (match?.[1] === undefined ? 4 : 6) || port > 65535) {
    context.addIssue({ code: 'custom', message: 'not an address and port' });
    return z.NEVER;
  }
  return { host, port };
});

/** Several values: a YAML list, repeated flags, or one text with commas. */
export function listOf<Item extends z.ZodType<unknown, string>>(item: Item) {
  const split = z.union([z.array(z.string()), z.string().transform((text) => [text])]);
  return split
    .transform((texts) => texts.flatMap((text) => text.split(',')).filter(Boolean))
    .pipe(z.array(item).min(1));
}

export function formatListen(endpoint: { readonly host: string; readonly port: number }): string {
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}
