import { MAXIMUM_TEMPLATE_LENGTH } from './constants.ts';

/** What a template may say of a request. */
export const VARIABLES = [
  'user.id',
  'user.email',
  'user.name',
  'user.roles',
  'client.address',
  'request.id',
  'request.method',
  'host',
  'path',
  'query',
  'resource.name',
  'pop.name',
] as const;
export type Variable = (typeof VARIABLES)[number];

/** What a page may say besides: of the problem that it tells of. */
export const PAGE_VARIABLES = ['status', 'title', 'advice', 'reason', 'organisation', 'home'] as const;
export type PageVariable = (typeof PAGE_VARIABLES)[number];
const ALL_VARIABLES = [...VARIABLES, ...PAGE_VARIABLES];

/** Captures are numbered from 1. */
export type TemplatePart<Name extends string> =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: Name }
  | { readonly kind: 'capture'; readonly index: number };

export type Template<Name extends string = Variable> = readonly TemplatePart<Name>[];

/** What is allowed between braces, beside the captures. */
export interface TemplateNames<Name extends string> {
  readonly names: readonly Name[];
  readonly captures: number;
}

/**
 * Reads `text with {user.email} and {1}`; a brace itself is written twice. Gives what is expected where it cannot be
 * read, so that a misspelt name is never passed on as it stands.
 */
export function readTemplate<Name extends string>(
  source: string,
  { names, captures }: TemplateNames<Name>,
): Template<Name> | string {
  const parts: TemplatePart<Name>[] = [];
  let literal = '';
  for (const [piece] of source.matchAll(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/g)) {
    if (piece === '{{' || piece === '}}') literal += piece.charAt(0);
    else if (piece === '{' || piece === '}') return 'braces in pairs; a brace itself is written twice';
    else if (!piece.startsWith('{')) literal += piece;
    else {
      const part = variableOf(piece.slice(1, -1), names, captures);
      if (!part) return `between braces one of ${[...names, ...captureNames(captures)].join(', ')}`;
      if (literal !== '') parts.push({ kind: 'literal', text: literal });
      literal = '';
      parts.push(part);
    }
  }
  if (literal !== '' || parts.length === 0) parts.push({ kind: 'literal', text: literal });
  return parts;
}

function captureNames(captures: number): string[] {
  return Array.from({ length: captures }, (_, i) => String(i + 1));
}

function variableOf<Name extends string>(
  word: string,
  names: readonly Name[],
  captures: number,
): TemplatePart<Name> | undefined {
  const name = names.find((known) => known === word);
  if (name !== undefined) return { kind: 'variable', name };
  const index = /^[1-9]$/.test(word) ? Number(word) : 0;
  return index > 0 && index <= captures ? { kind: 'capture', index } : undefined;
}

/**
 * Reads a page, in which braces of a style sheet stand for themselves: only a word between two of them, as in `{title}` or
 * `{request.id}`, is a variable, and must be one that there is.
 */
export function readPage(source: string): Template<Variable | PageVariable> | string {
  const parts: TemplatePart<Variable | PageVariable>[] = [];
  let at = 0;
  for (const { 0: piece, index } of source.matchAll(/\{[a-z]+(?:\.[a-z]+)?\}/g)) {
    const part = variableOf(piece.slice(1, -1), ALL_VARIABLES, 0);
    if (!part) return `between braces one of ${ALL_VARIABLES.join(', ')}`;
    if (index > at) parts.push({ kind: 'literal', text: source.slice(at, index) });
    parts.push(part);
    at = index + piece.length;
  }
  parts.push({ kind: 'literal', text: source.slice(at) });
  return parts;
}

/** Fills a template in; every value that is not the author's own passes through `encode`. */
export function expand<Name extends string>(
  template: Template<Name>,
  look: (name: Name) => string,
  encode: (value: string, name: Name | number) => string,
  captures: readonly string[] = [],
): string {
  let text = '';
  for (const part of template) {
    if (part.kind === 'literal') text += part.text;
    else if (part.kind === 'variable') text += encode(look(part.name), part.name);
    else text += encode(captures[part.index - 1] ?? '', part.index);
  }
  return text;
}

/** What is wrong with a text that must be a template over the plain variables. */
export function faultInTemplate(source: string, captures = 0): string | undefined {
  if (source.length > MAXIMUM_TEMPLATE_LENGTH) return `at most ${MAXIMUM_TEMPLATE_LENGTH} characters`;
  const read = readTemplate(source, { names: VARIABLES, captures });
  return typeof read === 'string' ? read : undefined;
}

/** The part of a template before its first question mark, and the part after it where there is one. */
export function splitAtQuery(template: Template): readonly [Template, Template | undefined] {
  const at = template.findIndex((part) => part.kind === 'literal' && part.text.includes('?'));
  const part = template[at];
  if (part?.kind !== 'literal') return [template, undefined];
  const mark = part.text.indexOf('?');
  const before = { kind: 'literal', text: part.text.slice(0, mark) } as const;
  const after = { kind: 'literal', text: part.text.slice(mark + 1) } as const;
  return [
    [...template.slice(0, at), before],
    [after, ...template.slice(at + 1)],
  ];
}

/** What stands in a query: a value never begins another parameter; the query that was asked for is several already. */
export function encodeInQuery(value: string, name: Variable | number): string {
  return name === 'query' ? value.slice(1) : encodeURIComponent(value.toWellFormed());
}
