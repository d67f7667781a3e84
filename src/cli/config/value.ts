/**
 * What a setting may be: reads the text of a flag or a variable, or the value of a YAML file, into what the program works
 * with. A small language of its own, because every program reads settings, and a library for any data would be the
 * largest thing that an idle connector keeps in memory.
 */

/** What is read is not one. */
export const WRONG = Symbol('wrong');

export class Value<Out> {
  /** Gives what it stands for, or WRONG. A setting that was not given is `undefined`. */
  readonly read: (input: unknown) => Out | typeof WRONG;

  constructor(read: (input: unknown) => Out | typeof WRONG) {
    this.read = read;
  }

  /** It may be left out. */
  optional(): Value<Out | undefined> {
    return new Value<Out | undefined>((input) => (input === undefined ? undefined : this.read(input)));
  }

  /** Where it is left out, it is this. */
  default(value: Out): Value<Out> {
    return new Value((input) => (input === undefined ? value : this.read(input)));
  }

  /** What it is not, another may be. */
  or<Other>(other: Value<Other>): Value<Out | Other> {
    return new Value<Out | Other>((input) => {
      const own = this.read(input);
      return own === WRONG ? other.read(input) : own;
    });
  }

  /** What it is, made into something else, or found WRONG. */
  to<Other>(make: (value: Out) => Other | typeof WRONG): Value<Other> {
    return new Value((input) => {
      const own = this.read(input);
      return own === WRONG ? WRONG : make(own);
    });
  }
}

/** What a value gives. */
export type OutputOf<Of> = Of extends Value<infer Out> ? Out : never;

type Shape = Readonly<Record<string, Value<unknown>>>;
type MayBeLeftOut<S extends Shape> = { [Key in keyof S]: undefined extends OutputOf<S[Key]> ? Key : never }[keyof S];

/** What settings of a shape give; those that may be left out are `undefined` then. */
export type SettingsOf<S extends Shape> = { [Key in Exclude<keyof S, MayBeLeftOut<S>>]: OutputOf<S[Key]> } & {
  [Key in MayBeLeftOut<S>]?: OutputOf<S[Key]>;
};

/** The settings of a command, by their keys. */
export interface Settings<S extends Shape = Shape> {
  readonly shape: S;
}

export function settingsOf<S extends Shape>(shape: S): Settings<S> {
  return { shape };
}

/** Some text, of so many characters and as the pattern has it. */
export function text({ least = 1, most = Number.POSITIVE_INFINITY, pattern = /(?:)/ } = {}): Value<string> {
  return new Value((input) => {
    if (typeof input !== 'string' || input.length < least || input.length > most) return WRONG;
    return pattern.test(input) ? input : WRONG;
  });
}

export function oneOf<const Words extends readonly string[]>(words: Words): Value<Words[number]> {
  return new Value((input) => words.find((word) => word === input) ?? WRONG);
}

/** A number, or text of the pattern that is one. */
export function numberBetween(least: number, most: number, pattern: RegExp): Value<number> {
  return new Value((input) => {
    const isText = typeof input === 'string' && pattern.test(input);
    const number = typeof input === 'number' || isText ? Number(input) : Number.NaN;
    return number >= least && number <= most ? number : WRONG;
  });
}

export function urlOf(protocol: RegExp): Value<string> {
  return text().to((given) => {
    const trimmed = given.trim();
    return URL.canParse(trimmed) && protocol.test(new URL(trimmed).protocol.slice(0, -1)) ? trimmed : WRONG;
  });
}
