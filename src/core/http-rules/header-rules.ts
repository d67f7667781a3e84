import { encodeIdentityValue, fieldsWithout, verdictOn } from '../routing/index.ts';
import { MAXIMUM_EXPANDED_LENGTH, MAXIMUM_HEADER_RULES, MAXIMUM_TEMPLATE_LENGTH } from './constants.ts';
import type { HeaderPreset, HeaderRule, HeaderRules } from './model.ts';
import { listOf, objectOf, type Reader, text } from './shape.ts';
import { expand, faultInTemplate, readTemplate, type Template, VARIABLES, type Variable } from './template.ts';

export type Direction = 'request' | 'response';

const NAME = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,64}$/;
/** What frames a message, or is the business of the hop that sends it. */
const FRAMING =
  /^(content-length|transfer-encoding|trailer|te|expect|content-encoding|content-range|date|sec-websocket-.*)$/;
/** Cookies of answers may be taken away but not made: a session of Manis would be one. */
const SET_COOKIE = /^set-cookie2?$/;
const OWN = /^x[^a-z0-9]manis[^a-z0-9]/;

/** What is wrong with the name that a rule is about. Who the client is and how a message is framed, only Manis says. */
export function faultInName(name: string, direction: Direction, removes: boolean): string | undefined {
  if (!NAME.test(name)) return 'the name of a header field';
  const lower = name.toLowerCase();
  const verdict = verdictOn(lower);
  const isOthers = verdict === 'keep' || verdict === 'believed' || (direction === 'response' && verdict === 'identity');
  if (!isOthers || FRAMING.test(lower) || OWN.test(lower))
    return 'a header field that neither frames messages nor says who the client is: those only Manis writes';
  if (direction === 'response' && !removes && SET_COOKIE.test(lower)) return 'a header field other than Set-Cookie';
  return undefined;
}

function faultInValue(value: string): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(value) || value !== value.trim()) return 'printable ASCII without blanks at either end';
  return faultInTemplate(value);
}

type RuleFields = { set?: string; add?: string; default?: string; remove?: string; value?: string };

/** The rules of one direction. */
export function headerRules(direction: Direction): Reader<readonly HeaderRule[]> {
  const named = (removes: boolean) => text(64, (name) => faultInName(name, direction, removes));
  const fields = objectOf<RuleFields>({
    set: named(false),
    add: named(false),
    default: named(false),
    remove: named(true),
    value: text(MAXIMUM_TEMPLATE_LENGTH, faultInValue),
  });
  const rule: Reader<HeaderRule> = (json, at, list) => {
    const read = fields(json, at, list);
    if (!read) return undefined;
    const verbs = (['set', 'add', 'default', 'remove'] as const).filter((verb) => read[verb] !== undefined);
    if (verbs.length !== 1) return list.note(at, 'exactly one of set, add, default, remove', json);
    const removes = verbs[0] === 'remove';
    if (removes !== (read.value === undefined))
      return list.note(
        `${at}.value`,
        removes ? 'no value: the field is removed' : 'the value of the field',
        read.value,
      );
    return read as HeaderRule;
  };
  return listOf(rule, MAXIMUM_HEADER_RULES);
}

export const HEADER_RULE_FIELDS = { request: headerRules('request'), response: headerRules('response') };
export const headerRulesOfBoth: Reader<HeaderRules> = objectOf<HeaderRules>(HEADER_RULE_FIELDS);

const PRESETS: Readonly<Record<HeaderPreset, readonly (readonly [string, string])[]>> = {
  basic: [
    ['X-Content-Type-Options', 'nosniff'],
    ['X-Frame-Options', 'SAMEORIGIN'],
    ['Referrer-Policy', 'strict-origin-when-cross-origin'],
  ],
  strict: [
    ['X-Content-Type-Options', 'nosniff'],
    ['X-Frame-Options', 'DENY'],
    ['Referrer-Policy', 'no-referrer'],
    ['Content-Security-Policy', "default-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    ['Cross-Origin-Resource-Policy', 'same-origin'],
    ['Permissions-Policy', 'camera=(), geolocation=(), microphone=()'],
  ],
};

export function presetRules(preset: HeaderPreset): readonly HeaderRule[] {
  return PRESETS[preset].map(([name, value]) => ({ default: name, value }));
}

interface CompiledRule {
  readonly verb: 'set' | 'add' | 'default' | 'remove';
  /** As it is written, and as it is compared. */
  readonly name: string;
  readonly lower: string;
  readonly value: Template;
}

/** Rules that `headerRules` read, ready for requests. */
export class CompiledHeaderRules {
  readonly #rules: readonly CompiledRule[];

  constructor(rules: readonly HeaderRule[]) {
    this.#rules = rules.map(compiled);
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** Whether a rule is about a field, in whatever spelling a backend could take for its name. */
  touches(name: string): boolean {
    const folded = fold(name.toLowerCase());
    return this.#rules.some(({ lower }) => fold(lower) === folded);
  }

  /** The flat fields after the rules, in their order. `look` says what the variables are. */
  apply(fields: readonly string[], look: (name: Variable) => string): string[] {
    let result = [...fields];
    for (const { verb, name, lower, value } of this.#rules) {
      const isThere = verb === 'default' && hasField(result, lower);
      if (verb === 'remove' || verb === 'set') result = without(result, lower);
      if (verb === 'remove' || isThere) continue;
      const text = expand(value, look, escapeValue);
      // Half a value is another one.
      if (text.length <= MAXIMUM_EXPANDED_LENGTH) result.push(name, text);
    }
    return result;
  }
}

function compiled(rule: HeaderRule): CompiledRule {
  const verb = 'set' in rule ? 'set' : 'add' in rule ? 'add' : 'default' in rule ? 'default' : 'remove';
  const name = (rule as Readonly<Record<string, string>>)[verb] ?? '';
  const source = 'value' in rule ? rule.value : '';
  const value = readTemplate(source, { names: VARIABLES, captures: 0 });
  if (typeof value === 'string') throw new Error(`${source} was never parsed: ${value}`);
  return { verb, name, lower: name.toLowerCase(), value };
}

/** Roles come encoded one by one, with commas between them; what is of the URL is printable already. */
function escapeValue(value: string, name: Variable | number): string {
  return name === 'user.roles' ? value : encodeIdentityValue(value);
}

function hasField(fields: readonly string[], lower: string): boolean {
  for (let i = 0; i + 1 < fields.length; i += 2) if (fields[i]?.toLowerCase() === lower) return true;
  return false;
}

/** Every spelling that a backend could take for the name goes with it. */
function without(fields: readonly string[], lower: string): string[] {
  const folded = fold(lower);
  return fieldsWithout(fields, (name) => fold(name) === folded);
}

function fold(lower: string): string {
  return /[^a-z0-9-]/.test(lower) ? lower.replace(/[^a-z0-9]/g, '-') : lower;
}
