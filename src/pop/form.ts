import type { HttpRequest } from '../io/http/message.ts';
import { FORM_TIMEOUT_MS, MAXIMUM_FORM_BYTES } from './constants.ts';

/**
 * The fields of a form as browsers send it, or why there are none. A field that comes twice spoils it. A client that
 * takes longer than `timeoutMs` is cut off: waiting for nothing else holds its connection for as long as it likes.
 */
export async function readForm(
  request: HttpRequest,
  timeoutMs = FORM_TIMEOUT_MS,
): Promise<ReadonlyMap<string, string> | 'form-malformed' | 'form-too-large'> {
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return 'form-malformed';
  const parts: Buffer[] = [];
  let length = 0;
  const late = setTimeout(() => request.destroy(), timeoutMs);
  try {
    for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > MAXIMUM_FORM_BYTES) return 'form-too-large';
      parts.push(part);
    }
  } catch {
    return 'form-malformed';
  } finally {
    clearTimeout(late);
  }
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(Buffer.concat(parts).toString())) {
    if (fields.has(name)) return 'form-malformed';
    fields.set(name, value);
  }
  return fields;
}
