import { MAXIMUM_REGEX_NESTING, MAXIMUM_REGEX_REPEAT } from '../constants.ts';
import { ANYTHING, joinedRanges, oneUnit, otherRanges, type PatternTree } from './tree.ts';

/**
 * Reads a regular expression that can be matched in one pass: literals, `.`, classes, `\d \w \s` and their opposites,
 * groups, `|`, `* + ? {n} {n,} {n,m}`. Written from `^` to `$`, so nobody mistakes it for a search. Gives the tree, or
 * what is wrong. With `ignoreCase` it is to be matched against a text in lower case.
 */
export function readRegex(source: string, ignoreCase = false): PatternTree | string {
  if (!source.startsWith('^') || !source.endsWith('$') || isEscaped(source, source.length - 1))
    return 'a regular expression from ^ to $: it matches the whole path, never a part of it';
  const reader = new Reader(source.slice(1, -1), ignoreCase);
  const tree = reader.read();
  return reader.fault ?? tree;
}

const DIGITS = [0x30, 0x39];
const WORD = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
const SPACE = [0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x2028, 0x2029, 0xfeff, 0xfeff];
const CLASSES: Readonly<Record<string, readonly number[]>> = {
  d: DIGITS,
  D: otherRanges(DIGITS),
  w: WORD,
  W: otherRanges(WORD),
  s: SPACE,
  S: otherRanges(SPACE),
};
const NOTHING: PatternTree = { kind: 'all', parts: [] };

class Reader {
  readonly #source: string;
  readonly #ignoreCase: boolean;
  #at = 0;
  #depth = 0;
  #groups = 0;
  /** The first thing that was wrong. */
  fault: string | undefined;

  constructor(source: string, ignoreCase: boolean) {
    this.#source = source;
    this.#ignoreCase = ignoreCase;
  }

  read(): PatternTree {
    const tree = this.#alternatives();
    if (tree.kind === 'either') this.#note('alternatives in a group: ^/(a|b)$, since ^/a|/b$ would leave a side open');
    if (this.#at < this.#source.length) this.#note(`no ${JSON.stringify(this.#peek())} here`);
    return tree;
  }

  #note(fault: string): PatternTree {
    this.fault ??= fault;
    this.#at = this.#source.length;
    return NOTHING;
  }

  #peek(): string {
    return this.#source.charAt(this.#at);
  }

  #take(): string {
    return this.#source.charAt(this.#at++);
  }

  #alternatives(): PatternTree {
    const parts = [this.#sequence()];
    while (this.#peek() === '|') {
      this.#at++;
      parts.push(this.#sequence());
    }
    return parts.length === 1 ? (parts[0] as PatternTree) : { kind: 'either', parts };
  }

  #sequence(): PatternTree {
    const parts: PatternTree[] = [];
    while (this.#at < this.#source.length && this.#peek() !== '|' && this.#peek() !== ')')
      parts.push(this.#quantified(this.#atom()));
    return parts.length === 1 ? (parts[0] as PatternTree) : { kind: 'all', parts };
  }

  #quantified(part: PatternTree): PatternTree {
    const bounds = this.#bounds();
    if (!bounds) return part;
    const isLazy = this.#peek() === '?';
    if (isLazy) this.#at++;
    if ('*+?'.includes(this.#peek()) && this.#peek() !== '') return this.#note('one quantifier after another');
    const repeat = { kind: 'repeat', part, least: bounds[0], most: bounds[1] } as const;
    return isLazy ? { ...repeat, lazy: true } : repeat;
  }

  #bounds(): readonly [number, number] | undefined {
    const simple = { '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] } as const;
    const found = simple[this.#peek() as keyof typeof simple];
    if (found) {
      this.#at++;
      return found;
    }
    if (this.#peek() !== '{') return undefined;
    const match = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#source.slice(this.#at, this.#at + 12));
    if (!match) return void this.#note('a repetition such as {2,3}, or \\{ for the character');
    this.#at += match[0].length;
    const least = Number(match[1]);
    const most = match[2] === undefined ? least : match[3] === '' ? Infinity : Number(match[3]);
    if (most < least || least > MAXIMUM_REGEX_REPEAT || (most !== Infinity && most > MAXIMUM_REGEX_REPEAT))
      return void this.#note(`a repetition of at most ${MAXIMUM_REGEX_REPEAT}`);
    return [least, most];
  }

  #atom(): PatternTree {
    const character = this.#take();
    switch (character) {
      case '.':
        return ANYTHING;
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\': {
        const ranges = this.#escape();
        return { kind: 'one', ranges };
      }
      case '^':
      case '$':
        return this.#note(`no ${character} but at the ends`);
      case '*':
      case '+':
      case '?':
      case '{':
        return this.#note(`something before ${character}`);
      default:
        return oneUnit((this.#ignoreCase ? inLowerCase(character) : character).charCodeAt(0));
    }
  }

  #group(): PatternTree {
    const isNumbered = this.#peek() !== '?';
    const index = isNumbered ? ++this.#groups : 0;
    if (!isNumbered) {
      if (!this.#source.startsWith('?:', this.#at))
        return this.#note('no looking ahead or behind and no named groups: they cannot be matched in one pass');
      this.#at += 2;
    }
    if (++this.#depth > MAXIMUM_REGEX_NESTING) return this.#note(`groups nested at most ${MAXIMUM_REGEX_NESTING} deep`);
    const tree = this.#alternatives();
    this.#depth--;
    if (this.#take() !== ')') return this.#note('a ) for every (');
    return isNumbered ? { kind: 'group', part: tree, index } : tree;
  }

  #class(): PatternTree {
    const negated = this.#peek() === '^';
    if (negated) this.#at++;
    const ranges: number[] = [];
    while (this.#at < this.#source.length && this.#peek() !== ']') {
      const first = this.#classMember();
      const isRange = this.#peek() === '-' && this.#source.charAt(this.#at + 1) !== ']' && first.length === 2;
      if (!isRange) ranges.push(...first);
      else {
        this.#at++;
        const last = this.#classMember();
        if (last.length !== 2 || (last[0] as number) < (first[0] as number)) return this.#note('a range such as a-z');
        ranges.push(first[0] as number, last[0] as number);
      }
    }
    if (this.#take() !== ']') return this.#note('a ] for every [');
    if (ranges.length === 0) return this.#note('a class that is not empty');
    const folded = this.#ignoreCase ? withLowerCase(ranges) : ranges;
    return { kind: 'one', ranges: negated ? otherRanges(folded) : joinedRanges(folded) };
  }

  #classMember(): readonly number[] {
    const character = this.#take();
    if (character === '\\') return this.#escape();
    return [character.charCodeAt(0), character.charCodeAt(0)];
  }

  #escape(): readonly number[] {
    const character = this.#take();
    const known = CLASSES[character];
    if (known) return known;
    if (character !== '' && !/[A-Za-z0-9]/.test(character)) return [character.charCodeAt(0), character.charCodeAt(0)];
    this.#note(
      /[1-9]/.test(character)
        ? 'no back-references: they cannot be matched in one pass'
        : 'an escape such as \\. or \\d, or the character itself',
    );
    return DIGITS;
  }
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charAt(at - 1 - slashes) === '\\') slashes++;
  return slashes % 2 === 1;
}

/** In lower case, where that is one character too. */
function inLowerCase(character: string): string {
  const lower = character.toLowerCase();
  return lower.length === 1 ? lower : character;
}

/** These and the small letters of the capitals among them. */
function withLowerCase(ranges: readonly number[]): number[] {
  const all = [...ranges];
  for (let i = 0; i + 1 < ranges.length; i += 2) {
    const [first, last] = [ranges[i] as number, ranges[i + 1] as number];
    if (first === last) {
      const lower = inLowerCase(String.fromCharCode(first)).charCodeAt(0);
      all.push(lower, lower);
    }
    const [capital, lastCapital] = [Math.max(first, 0x41), Math.min(last, 0x5a)];
    if (capital <= lastCapital) all.push(capital + 0x20, lastCapital + 0x20);
  }
  return all;
}
