/** Settings of API commands, shortly spelled. */
import { z } from 'zod';
import { filePath, listOf, switchValue, wholeNumber, worded } from '../config/setting.ts';

const text = z.string().min(1);

export function textFlag(hint: string, description: string) {
  return worded(text.optional(), { kind: 'value', hint, expected: 'some text', description });
}

export function requiredFlag(hint: string, description: string) {
  return worded(text, { kind: 'value', hint, expected: 'some text', description });
}

export function fileFlag(description: string) {
  return worded(filePath.optional(), { kind: 'value', hint: 'FILE', expected: 'a file', description });
}

export function listFlag(hint: string, description: string) {
  return worded(listOf(z.string()).optional(), { kind: 'list', hint, expected: 'one or more names', description });
}

export function truthFlag(description: string) {
  return worded(switchValue.optional(), { kind: 'value', hint: 'true|false', expected: 'true or false', description });
}

/** True where it is said, without a value. */
export function onFlag(description: string) {
  return worded(switchValue.default(false), { kind: 'switch', expected: 'true or false', description });
}

export function numberFlag(minimum: number, maximum: number, description: string) {
  const expected = `a whole number from ${minimum} to ${maximum}`;
  return worded(wholeNumber(minimum, maximum).optional(), { kind: 'value', hint: 'N', expected, description });
}

export function wordFlag(words: readonly [string, ...string[]], description: string) {
  const expected = `one of ${words.join(', ')}`;
  return worded(z.enum(words).optional(), { kind: 'value', hint: words.join('|'), expected, description });
}

export function requiredWordFlag<const Words extends readonly [string, ...string[]]>(
  words: Words,
  description: string,
) {
  return worded(z.enum(words), {
    kind: 'value',
    hint: words.join('|'),
    expected: `one of ${words.join(', ')}`,
    description,
  });
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `30m`, `12h`, `3d`, `2w` in milliseconds, or `never`. */
export function lifetimeFlag(description: string, otherwise: string) {
  const schema = z
    .string()
    .regex(/^(never|[1-9]\d{0,4}[mhdw])$/)
    .default(otherwise)
    .transform((text) => (text === 'never' ? text : Number.parseInt(text, 10) * (UNIT_MS[text.slice(-1)] ?? 0)));
  return worded(schema, {
    kind: 'value',
    hint: 'TIME',
    expected: 'a time such as 30m, 12h, 3d, 2w, or never',
    description,
  });
}

/** A number from 0 to 1. */
export function shareFlag(description: string) {
  const share = z.union([
    z.number(),
    z
      .string()
      .regex(/^(0(\.\d+)?|1(\.0+)?)$/)
      .transform(Number),
  ]);
  const schema = share.pipe(z.number().min(0).max(1)).optional();
  return worded(schema, { kind: 'value', hint: 'SHARE', expected: 'a number from 0 to 1', description });
}

export function degreesFlag(limit: number, description: string) {
  const degrees = z.union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .transform(Number),
  ]);
  const expected = `a number from -${limit} to ${limit}`;
  const schema = degrees.pipe(z.number().min(-limit).max(limit)).default(0);
  return worded(schema, { kind: 'value', hint: 'DEGREES', expected, description });
}
