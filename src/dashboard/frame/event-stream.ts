/** Server-sent events, read from the body of an answer. */

export interface ServerEvent {
  readonly name: string;
  readonly id: string | null;
  readonly data: unknown;
}

/** Longest event that is read: what is longer is none of ours. */
const EVENT_MAX_CHARS = 8 * 1024 * 1024;

/** Every event with data, until the stream ends. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    if (rest.length > EVENT_MAX_CHARS) return void (await reader.cancel());
    for (const block of blocks) {
      const event = eventOf(block);
      if (event) yield event;
    }
  }
}

function eventOf(block: string): ServerEvent | undefined {
  let name = 'message';
  let id: string | null = null;
  let data: string | undefined;
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice(7);
    else if (line.startsWith('id: ')) id = line.slice(4);
    else if (line.startsWith('data: ')) data = line.slice(6);
  }
  return data === undefined ? undefined : { name, id, data: JSON.parse(data) };
}
