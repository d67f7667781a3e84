import { MAX_CONNECTOR_LINE_CHARS } from '../core/link/index.ts';
import { LineChannel } from '../io/overlay/line-channel.ts';
import type { TunnelSocket } from '../io/overlay/tunnel-socket.ts';
import { CONTROL_ANSWER_MS } from './constants.ts';

/** One line to control and one line back, through the PoP at the other end of a stream; undefined where none came. */
export function askOverStream<Answer>(
  stream: TunnelSocket,
  line: string,
  read: (line: string) => Answer | undefined,
  answered: (answer: Answer | undefined) => void,
): void {
  let answer: Answer | undefined;
  const late = setTimeout(() => stream.destroy(), CONTROL_ANSWER_MS);
  const channel = new LineChannel(stream, MAX_CONNECTOR_LINE_CHARS, (text) => {
    answer ??= read(text);
    stream.end();
  });
  stream.on('error', () => undefined);
  stream.on('end', () => stream.end());
  stream.on('close', () => {
    clearTimeout(late);
    answered(answer);
  });
  channel.send(line);
}
