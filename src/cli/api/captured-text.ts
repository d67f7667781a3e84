/** A captured request in words, as it went over the wire. */
import type { AnswerOf } from '../../api/client.ts';
import { printableLines } from '../../base/index.ts';
import { BODY_FAULTS } from '../../core/capture/index.ts';
import { timeText } from '../terminal/times.ts';

export type Captured = AnswerOf<'get', '/requests/{id}/capture'>;
type CapturedBody = Captured['body'];
type CapturedField = Captured['fields'][number];

const OMITTED: Readonly<Record<string, string>> = {
  off: 'bodies are not captured here',
  type: 'it is no text',
  encoded: 'it is compressed',
  room: 'there was no room for it',
};

export function capturedText({ method, target, fields, body, answer, replay, expiresUnixMs }: Captured): string {
  const needs =
    replay.missing === null ? [] : [`A replay needs --body-file or --no-body: ${BODY_FAULTS[replay.missing]}.`];
  const without = replay.leftOut.length > 0 ? [`A replay is sent without ${replay.leftOut.join(', ')}.`] : [];
  return printableLines(
    [
      `> ${method} ${target}`,
      ...fields.map(({ name, value }) => `> ${name}: ${value}`),
      ...bodyLines(body),
      '',
      ...(answer ? [`< ${answer.status}`] : ['No target answered.']),
      ...(answer?.fields ?? []).map(({ name, value }) => `< ${name}: ${value}`),
      ...bodyLines(answer?.body ?? null),
      '',
      ...without,
      ...needs,
      `Kept until ${timeText(expiresUnixMs)}.`,
    ].join('\n'),
  );
}

function bodyLines(body: CapturedBody): string[] {
  if (!body) return [];
  if (body.text === null) return ['', `(${body.bytes} bytes: ${OMITTED[body.omitted ?? ''] ?? 'not kept'})`];
  return ['', body.text, ...(body.isCut ? [`(cut: it was ${body.bytes} bytes)`] : [])];
}

/** Fields with those that were given in place of others of their names; a value that is empty takes a field away. */
export function fieldsWith(
  fields: readonly CapturedField[],
  given: readonly { readonly name: string; readonly value: string }[],
): { name: string; value: string }[] {
  const names = new Set(given.map(({ name }) => name.toLowerCase()));
  const rest = fields.filter(({ name, isHidden }) => !isHidden && !names.has(name.toLowerCase()));
  return [...rest, ...given.filter(({ value }) => value !== '')].map(({ name, value }) => ({ name, value }));
}
