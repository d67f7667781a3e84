import { compile, type JSONValue, TreeInterpreter } from '@jmespath-community/jmespath';
import type { Claims } from '../../core/identity/index.ts';
import {
  CLAIMS_MAX_CHARS,
  CLAIMS_MAX_DEPTH,
  EXPRESSION_MAX_CHARS,
  EXPRESSION_MAX_COPIES,
  EXPRESSION_MAX_DEPTH,
  EXPRESSION_MAX_NODES,
  MAPPED_NAME_MAX_CHARS,
  MAPPED_NAMES_MAX,
} from './constants.ts';
import { ProviderFailure } from './provider-failure.ts';

type Expression = ReturnType<typeof compile>;

/** Functions whose result is no larger than what they are given. `pad_left`, `replace`, `zip` and the like are not among them. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  'contains',
  'ends_with',
  'join',
  'keys',
  'length',
  'lower',
  'not_null',
  'reverse',
  'sort',
  'split',
  'starts_with',
  'to_array',
  'to_string',
  'trim',
  'trim_left',
  'trim_right',
  'type',
  'upper',
  'values',
]);

/**
 * Nodes that look at what they are given and at nothing else. `$`, `let` and variables are left out: with them an expression
 * compares everything with everything, and takes the square of the time, or the cube.
 */
const NODES: ReadonlySet<string> = new Set([
  ...['AndExpression', 'Comparator', 'Current', 'Field', 'FilterProjection', 'Flatten', 'Function', 'Identity'],
  ...['Index', 'IndexExpression', 'KeyValuePair', 'Literal', 'MultiSelectHash', 'MultiSelectList', 'NotExpression'],
  ...['OrExpression', 'Pipe', 'Projection', 'Slice', 'Subexpression', 'Ternary', 'ValueProjection'],
]);

/**
 * Compiles an expression whose time and memory are bounded before it ever runs: by its length, its nodes, its depth, and
 * by how many copies of its input it can make. Failure `mapping-invalid`.
 */
export function compileMapping(expression: string): Expression {
  if (expression.length > EXPRESSION_MAX_CHARS) throw invalid(`it is longer than ${EXPRESSION_MAX_CHARS} characters`);
  let tree: Expression;
  try {
    tree = compile(expression);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : 'it is not JMESPath');
  }
  copiesMade(tree as unknown as TreeNode, 1, { nodes: EXPRESSION_MAX_NODES });
  return tree;
}

/** The names that an expression gives: a text is one, a list of texts is all of them; anything else is none. */
export function mapNames(expression: string | undefined, claims: Claims): string[] {
  if (expression === undefined) return [];
  const result = evaluate(compileMapping(expression), claims);
  const found = Array.isArray(result) ? result : [result];
  const names = found.filter((name): name is string => typeof name === 'string').map((name) => name.trim());
  const usable = names.filter(
    (name) => name !== '' && name.length <= MAPPED_NAME_MAX_CHARS && !/\p{Cc}|\p{Cs}/u.test(name),
  );
  return [...new Set(usable)].slice(0, MAPPED_NAMES_MAX);
}

/** Why claims are not mapped: they are too many, or nest too deep. */
export function claimsFault(claims: Claims): 'claims-too-large' | 'claims-too-deep' | undefined {
  if (isDeeperThan(claims, CLAIMS_MAX_DEPTH)) return 'claims-too-deep';
  return JSON.stringify(claims).length > CLAIMS_MAX_CHARS ? 'claims-too-large' : undefined;
}

function evaluate(tree: Expression, claims: Claims): unknown {
  if (claimsFault(claims) !== undefined) return null;
  try {
    return TreeInterpreter.search(tree, claims as JSONValue);
  } catch {
    // A function that got another type than it takes: the claims are not as the expression expects them.
    return null;
  }
}

type TreeNode = Readonly<Record<string, unknown>> & { readonly type: string };

/** Functions that give one short value, whatever they are given. */
const SCALARS: ReadonlySet<string> = new Set(['contains', 'ends_with', 'length', 'starts_with', 'type']);

/** How many times its input a part of an expression may give at most; refuses what is too much anywhere. */
function copiesMade(node: TreeNode, depth: number, budget: { nodes: number }): number {
  if (--budget.nodes < 0) throw invalid(`it has more than ${EXPRESSION_MAX_NODES} parts`);
  if (depth > EXPRESSION_MAX_DEPTH) throw invalid(`it nests deeper than ${EXPRESSION_MAX_DEPTH}`);
  if (!NODES.has(node.type)) throw invalid(`${node.type} is not allowed here`);
  const name = node.type === 'Function' ? String(node['name']) : undefined;
  if (name !== undefined && !FUNCTIONS.has(name)) throw invalid(`the function ${name} is not allowed here`);
  const parts = childrenOf(node).map((child) => copiesMade(child, depth + 1, budget));
  const copies = combine(node.type, parts);
  if (copies > EXPRESSION_MAX_COPIES) throw invalid('it copies the claims too often');
  return name !== undefined && SCALARS.has(name) ? 1 : copies;
}

function combine(type: string, parts: readonly number[]): number {
  switch (type) {
    // Lists, objects and arguments hold their input once for each of their parts.
    case 'MultiSelectList':
    case 'MultiSelectHash':
    case 'Function':
      return parts.reduce((sum, part) => sum + part, 0);
    // One or the other.
    case 'AndExpression':
    case 'OrExpression':
    case 'Ternary':
    case 'Comparator':
      return Math.max(1, ...parts);
    // What one part gives is what the next is given.
    default:
      return parts.reduce((product, part) => product * part, 1);
  }
}

function childrenOf(node: TreeNode): TreeNode[] {
  if (node.type === 'Literal') return [];
  return Object.values(node)
    .flat()
    .filter((part): part is TreeNode => typeof part === 'object' && part !== null && 'type' in part);
}

function isDeeperThan(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return most === 0 || Object.values(value).some((part) => isDeeperThan(part, most - 1));
}

function invalid(why: string): ProviderFailure {
  return new ProviderFailure('mapping-invalid', `the expression cannot be used: ${why}`);
}
