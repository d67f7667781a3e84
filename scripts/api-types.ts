/** The types of the API, written from its OpenAPI document for the typed client of console and command. */

type Schema = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
type PathItem = Readonly<Partial<Record<(typeof METHODS)[number], Operation>>>;

export interface ApiDocument {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const NAMED = '#/components/schemas/';
/** Written by hand, for those who read it. */
const PROBLEM = 'Problem';

const HEAD = `/** Written by \`npm run docs\` from the OpenAPI document of the API. */

/** RFC 9457, with a stable \`code\`. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly problems?: readonly {
    readonly path: string;
    readonly expected: string;
    readonly found?: string;
    /** Of a document. */
    readonly line?: number;
  }[];
}

type Refused = { content: { 'application/problem+json': Problem } };
`;

/** A module with the interface `paths`, as openapi-fetch reads it, and `schemas`, which have names. @param prefix is left out of every path. */
export function apiTypes(document: ApiDocument, prefix: string): string {
  const paths = Object.entries(document.paths).map(([path, item]) => {
    const operations = METHODS.map(
      (method) => `${method}${item[method] ? `: ${operationType(item[method])}` : '?: never'};`,
    );
    return `${JSON.stringify(path.slice(prefix.length))}: { ${operations.join(' ')} };`;
  });
  const schemas = Object.entries(document.components.schemas).flatMap(([name, schema]) =>
    name === PROBLEM ? [] : [`${JSON.stringify(name)}: ${typeOf(schema, 'out')};`],
  );
  return `${HEAD}\nexport interface schemas {\n${schemas.join('\n')}\n}\n\nexport interface paths {\n${paths.join('\n')}\n}\n`;
}

function operationType(operation: Operation): string {
  const parameters = operation.parameters ?? [];
  const kinds = (['query', 'path', 'header'] as const).map((kind) => {
    const own = parameters.filter((parameter) => parameter.in === kind);
    if (own.length === 0) return `${kind}?: never;`;
    const fields = own.map(
      ({ name, required, schema }) => `${keyOf(name)}${required ? '' : '?'}: ${typeOf(schema, 'in')};`,
    );
    return `${kind}${own.some(({ required }) => required) ? '' : '?'}: { ${fields.join(' ')} };`;
  });
  const body = operation.requestBody?.content['application/json']?.schema;
  const responses = Object.entries(operation.responses)
    .filter(([status]) => /^2\d\d$/.test(status))
    .map(([status, { content }]) => `${status}: { content: ${contentType(content)} };`);
  return `{ parameters: { ${kinds.join(' ')} cookie?: never; }; ${
    body ? `requestBody: { content: { 'application/json': ${typeOf(body, 'in')} } };` : 'requestBody?: never;'
  } responses: { ${responses.join(' ')} default: Refused; }; }`;
}

function contentType(content: Operation['responses'][string]['content']): string {
  const types = Object.entries(content ?? {}).map(
    ([type, { schema }]) => `${JSON.stringify(type)}: ${typeOf(schema, 'out')};`,
  );
  return types.length === 0 ? '{ never?: never }' : `{ ${types.join(' ')} }`;
}

/** @param way `in`: what callers send, where what has a default may be left out; `out`: what is answered. */
function typeOf(schema: Schema, way: 'in' | 'out'): string {
  const { $ref: named, anyOf, oneOf, allOf, type, const: constant, enum: values } = schema as Record<string, never>;
  if (named) return `schemas[${JSON.stringify((named as string).slice(NAMED.length))}]`;
  if (constant !== undefined) return JSON.stringify(constant);
  if (values) return (values as unknown[]).map((value) => JSON.stringify(value)).join(' | ');
  const either = (anyOf ?? oneOf) as readonly Schema[] | undefined;
  if (either) return unionOf(either, way);
  if (allOf) return (allOf as Schema[]).map((part) => `(${typeOf(part, way)})`).join(' & ');
  if (Array.isArray(type))
    return unionOf(
      (type as string[]).map((one) => ({ ...schema, type: one })),
      way,
    );
  switch (type as string | undefined) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return `(${typeOf((schema['items'] as Schema | undefined) ?? {}, way)})[]`;
    case 'object':
      return objectType(schema, way);
    default:
      return 'unknown';
  }
}

function unionOf(parts: readonly Schema[], way: 'in' | 'out'): string {
  return [...new Set(parts.map((part) => `(${typeOf(part, way)})`))].join(' | ');
}

function objectType(schema: Schema, way: 'in' | 'out'): string {
  const properties = Object.entries((schema['properties'] as Record<string, Schema> | undefined) ?? {});
  const rest = schema['additionalProperties'];
  if (properties.length === 0) return `Readonly<Record<string, ${isSchema(rest) ? typeOf(rest, way) : 'unknown'}>>`;
  const required = new Set((schema['required'] as string[] | undefined) ?? []);
  const fields = properties.map(([name, property]) => {
    const isNeeded = required.has(name) && (way === 'out' || property['default'] === undefined);
    return `readonly ${keyOf(name)}${isNeeded ? '' : '?'}: ${typeOf(property, way)};`;
  });
  return `{ ${fields.join(' ')} }`;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function keyOf(name: string): string {
  return /^[a-z_$][\w$]*$/i.test(name) ? name : JSON.stringify(name);
}
