/** Settings of API commands, shortly spelled. */
import { filePath, listOf, switchValue, wholeNumber, worded } from '../config/setting.ts';
import { numberBetween, oneOf, text, Value, WRONG } from '../config/value.ts';

export function textFlag(hint: string, description: string) {
  return worded(text().optional(), { kind: 'value', hint, expected: 'some text', description });
}

/** What is expected is what it is. */
export function requiredFlag(hint: string, description: string) {
  const expected = `${description.charAt(0).toLowerCase()}${description.slice(1)}`;
  return worded(text(), { kind: 'value', hint, expected, description });
}

export function fileFlag(description: string) {
  return worded(filePath.optional(), { kind: 'value', hint: 'FILE', expected: 'a file', description });
}

/** @typeParam Word where words are few; control judges them, as it may know more of them than this command. */
export function listFlag<Word extends string = string>(hint: string, description: string) {
  return worded(listOf(text().to((word) => word as Word)).optional(), {
    kind: 'list',
    hint,
    expected: 'one or more names',
    description,
  });
}

/** Texts that may have commas in them: the flag is repeated. */
export function textsFlag(hint: string, description: string) {
  const value = new Value((input) => {
    const texts = typeof input === 'string' ? [input] : input;
    return Array.isArray(texts) && texts.every((one) => typeof one === 'string') ? (texts as string[]) : WRONG;
  });
  return worded(value.optional(), { kind: 'list', hint, expected: 'some text', description });
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

export function wordFlag<const Words extends readonly [string, ...string[]]>(words: Words, description: string) {
  const expected = `one of ${words.join(', ')}`;
  return worded(oneOf(words).optional(), { kind: 'value', hint: words.join('|'), expected, description });
}

export function requiredWordFlag<const Words extends readonly [string, ...string[]]>(
  words: Words,
  description: string,
) {
  return worded(oneOf(words), {
    kind: 'value',
    hint: words.join('|'),
    expected: `one of ${words.join(', ')}`,
    description,
  });
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `30m`, `12h`, `3d`, `2w` in milliseconds, or `never`. */
export function lifetimeFlag(description: string, otherwise: string) {
  const value = text({ pattern: /^(never|[1-9]\d{0,4}[mhdw])$/ })
    .default(otherwise)
    .to((time) => (time === 'never' ? time : Number.parseInt(time, 10) * (UNIT_MS[time.slice(-1)] ?? 0)));
  return worded(value, {
    kind: 'value',
    hint: 'TIME',
    expected: 'a time such as 30m, 12h, 3d, 2w, or never',
    description,
  });
}

/** A number from 0 to 1. */
export function shareFlag(description: string) {
  const value = numberBetween(0, 1, /^(0(\.\d+)?|1(\.0+)?)$/).optional();
  return worded(value, { kind: 'value', hint: 'SHARE', expected: 'a number from 0 to 1', description });
}

export function degreesFlag(limit: number, description: string) {
  const expected = `a number from -${limit} to ${limit}`;
  const value = numberBetween(-limit, limit, /^-?\d+(\.\d+)?$/).default(0);
  return worded(value, { kind: 'value', hint: 'DEGREES', expected, description });
}
