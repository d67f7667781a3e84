/** The check of a target, as the API says it and the store keeps it. */
import { z } from 'zod';
import {
  CHECK_INTERVAL_MS,
  CHECK_TIMEOUT_MS,
  CHECK_UNHEALTHY_INTERVAL_MS,
  HEALTHY_THRESHOLD,
  parseStatusRange,
  UNHEALTHY_THRESHOLD,
} from '../../core/routing/index.ts';

const HOUR_MS = 3_600_000;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Fields that say where the message ends or which connection it is on are the connector's. */
const OWN_FIELDS = /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive)$/i;

const interval = z.number().int().min(1_000).max(HOUR_MS);
const threshold = z.number().int().min(1).max(100);

const timing = {
  intervalMs: interval.default(CHECK_INTERVAL_MS).describe('while the target is well'),
  unhealthyIntervalMs: interval.default(CHECK_UNHEALTHY_INTERVAL_MS).describe('while it is not'),
  timeoutMs: z.number().int().min(100).max(60_000).default(CHECK_TIMEOUT_MS),
  healthyThreshold: threshold.default(HEALTHY_THRESHOLD),
  unhealthyThreshold: threshold.default(UNHEALTHY_THRESHOLD),
};

const fieldValue = z
  .string()
  .max(1024)
  .regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, 'printable ASCII');
const fieldName = z
  .string()
  .max(64)
  .regex(TOKEN)
  .refine((name) => !OWN_FIELDS.test(name), 'another field');

const http = z.strictObject({
  kind: z.literal('http'),
  ...timing,
  method: z.enum(['GET', 'HEAD', 'OPTIONS', 'POST']).default('GET'),
  path: z
    .string()
    .max(1024)
    .regex(/^\/[\x21-\x7e]*$/)
    .default('/'),
  headers: z
    .record(fieldName, fieldValue)
    .refine((headers) => Object.keys(headers).length <= 20, 'at most 20 fields')
    .default({})
    .describe('connectors and PoPs know them: no place for secrets that matter'),
  expectedStatus: z
    .array(z.string().refine((text) => parseStatusRange(text) !== undefined, '200, 200-299 or 2xx'))
    .min(1)
    .max(20)
    .default(['2xx', '3xx']),
  hostHeader: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[\x21-\x7e]+$/)
    .nullable()
    .default(null)
    .describe("the target's"),
  tls: z
    .strictObject({
      serverName: z.string().max(253).nullable().default(null).describe("the target's"),
      verify: z.boolean().nullable().default(null).describe("as the target's"),
    })
    .prefault({}),
});

const tcp = z.strictObject({ kind: z.literal('tcp'), ...timing });

/** How connectors find out whether a target is well. */
export const targetCheck = z.discriminatedUnion('kind', [http, tcp]);

export type CheckSettings = z.output<typeof targetCheck>;
