/** Documents that take more time or memory than their length says are refused before any of it is spent. */
import { isAlias, isMap, isPair, isScalar, isSeq, Lexer } from 'yaml';
import { YAML_ALIASES_MAX, YAML_DEPTH_MAX, YAML_EXPANDED_MAX, YAML_TOKENS_MAX } from './yaml-constants.ts';

export interface YamlFault {
  readonly pos: readonly [number, number];
  readonly message: string;
}

const TOO_DEEP = `it nests deeper than ${YAML_DEPTH_MAX}`;

/** What is wrong with its words and brackets alone. */
export function faultInWords(text: string): string | undefined {
  let [tokens, aliases, depth] = [0, 0, 0];
  for (const token of new Lexer().lex(text)) {
    if (++tokens > YAML_TOKENS_MAX) return `it has more than ${YAML_TOKENS_MAX} words and signs`;
    if (token.startsWith('*') && ++aliases > YAML_ALIASES_MAX) return `it has more than ${YAML_ALIASES_MAX} aliases`;
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > YAML_DEPTH_MAX) return TOO_DEEP;
  }
  return undefined;
}

/** What is wrong with the tree: a key that is there twice, or aliases that would make too much of it. */
export function faultInTree(root: unknown): YamlFault | undefined {
  const weighing = new Weighing();
  const size = weighing.sizeOf(root, 0);
  if (weighing.fault) return weighing.fault;
  return size > YAML_EXPANDED_MAX
    ? { pos: [0, 0], message: `it is longer than ${YAML_EXPANDED_MAX} characters once its aliases are written out` }
    : undefined;
}

/** How long a tree is with every alias written out, without writing them. */
class Weighing {
  fault: YamlFault | undefined;
  /** By anchor, of what stands before. */
  readonly #sizes = new Map<string, number>();

  sizeOf(node: unknown, depth: number): number {
    if (depth > YAML_DEPTH_MAX) this.#fail(node, TOO_DEEP);
    if (this.fault) return 0;
    const size = 1 + this.#sizeOf(node, depth);
    const { anchor } = (node ?? {}) as { readonly anchor?: string };
    if (anchor !== undefined) this.#sizes.set(anchor, size);
    return size;
  }

  #sizeOf(node: unknown, depth: number): number {
    if (isAlias(node)) {
      const known = this.#sizes.get(node.source);
      if (known === undefined) this.#fail(node, 'an alias of what it is part of');
      return known ?? 0;
    }
    if (isScalar(node)) return String(node.value).length;
    if (isPair(node)) return this.sizeOf(node.key, depth + 1) + this.sizeOf(node.value, depth + 1);
    if (isMap(node)) this.#refuseTwice(node.items);
    if (!isMap(node) && !isSeq(node)) return 0;
    let size = 0;
    for (const item of node.items) size += this.sizeOf(item, depth + 1);
    return size;
  }

  /** A merge (`<<`) may be there several times. */
  #refuseTwice(items: readonly { readonly key: unknown }[]): void {
    const seen = new Set<string>();
    for (const { key } of items) {
      if (!isScalar(key)) continue;
      const text = String(key.value);
      if (seen.has(text) && text !== '<<') this.#fail(key, `Map keys must be unique: ${text.slice(0, 100)}`);
      seen.add(text);
    }
  }

  #fail(node: unknown, message: string): void {
    const { range } = (node ?? {}) as { readonly range?: readonly [number, number, number] | null };
    this.fault ??= { pos: [range?.[0] ?? 0, range?.[1] ?? 0], message };
  }
}
