import type { IncomingMessage } from 'node:http';
import { MAXIMUM_FORM_BYTES } from './constants.ts';

/** The fields of a form as browsers send it, or why there are none. A field that comes twice spoils it. */
export async function readForm(
  request: IncomingMessage,
): Promise<ReadonlyMap<string, string> | 'form-malformed' | 'form-too-large'> {
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return 'form-malformed';
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > MAXIMUM_FORM_BYTES) return 'form-too-large';
      parts.push(part);
    }
  } catch {
    return 'form-malformed';
  }
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(Buffer.concat(parts).toString())) {
    if (fields.has(name)) return 'form-malformed';
    fields.set(name, value);
  }
  return fields;
}
