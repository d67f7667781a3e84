import type { IncomingMessage } from 'node:http';

/** The body of an answer; undefined where it is longer than that, and the connection is let go. Rejects where it breaks off. */
export async function readBoundedBody(incoming: IncomingMessage, maximumBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > maximumBytes) return undefined;
  }
  return Buffer.concat(chunks);
}
