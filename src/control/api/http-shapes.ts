/** The language of HTTP settings is core/http-rules'; here it is any object, and its parser says what is wrong with it. */
import { z } from 'zod';
import { type HttpSettings, parseHttpSettings } from '../../core/http-rules/index.ts';
import type { Problem } from '../../core/policy/index.ts';
import { ControlFailure } from '../problems.ts';

const part = z.looseObject({});

/** Every part is optional; what stands in each is in docs/http-rules.md. */
export const httpSettings = z
  .looseObject({
    routes: z.array(part).optional().describe('ways through the host, by path, method and header field'),
    headers: part.optional().describe('rules for the fields of requests and answers, and a preset'),
    compression: part.optional().describe('there: answers are compressed'),
    limits: part.optional().describe('bytes, time, requests by client and by user'),
    maintenance: part.optional().describe('the page that is shown in place of the application'),
    errorPages: z.array(part).optional().describe("pages in place of Manis's own"),
    cors: part.optional().describe('other origins whose scripts may read answers'),
    cache: part.optional().describe('there: public answers are kept'),
  })
  .describe('see docs/http-rules.md');

/** Settings, or a failure that names every key that is wrong and what is expected there. */
export function readHttpSettings(json: unknown): HttpSettings {
  const parsed = parseHttpSettings(json);
  if (parsed.ok) return parsed.settings;
  throw httpSettingsInvalid(parsed.problems);
}

export function httpSettingsInvalid(problems: readonly Problem[]): ControlFailure {
  const [first] = problems;
  const detail = first
    ? `${first.path || 'settings'}: expected ${first.expected}, found ${first.found}`
    : 'no settings for HTTP';
  return new ControlFailure('http-settings-invalid', detail, { problems: [...problems] });
}
