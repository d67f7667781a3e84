/** Examples for a schema: what a request or an answer might look like. */

export type JsonSchema = { readonly [keyword: string]: unknown };
export type NamedSchemas = Readonly<Record<string, JsonSchema>>;

/** By the name of a field, what it often holds. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  id: 'res_01m8b2k95p36g596mf6mh1epw9',
  name: 'demo',
  host: 'demo.example.com',
  email: 'ann@example.com',
  url: 'http://localhost:3000',
  next: null,
  after: 'res_01m8b2k95p36g596mf6mh1epw9',
  clientAddress: '192.0.2.7',
  country: 'NL',
  status: '404',
  domains: ['example.com'],
  secret: 'correct horse battery',
  password: 'seven quiet otters at noon',
};
const UNIX_MS = 1_794_000_000_000;
const DEPTH_MAX = 8;

/** @param named schemas that have names, as `$ref` says them. @param name of the field or parameter */
export function exampleOf(schema: JsonSchema, named: NamedSchemas = {}, name = ''): unknown {
  return exampleAt(schema, { named, name, depth: 0 });
}

/** Where in a schema it is. */
interface Place {
  readonly named: NamedSchemas;
  /** Of the field. */
  readonly name: string;
  readonly depth: number;
}

function exampleAt(schema: JsonSchema, place: Place): unknown {
  const { named, name, depth } = place;
  const deeper = { ...place, depth: depth + 1 };
  const { $ref: reference } = schema;
  if (typeof reference === 'string') return exampleAt(named[reference.split('/').at(-1) ?? ''] ?? {}, deeper);
  const { const: constant, enum: values, default: standard, example, type } = schema;
  if (example !== undefined) return example;
  if (constant !== undefined) return constant;
  if (Array.isArray(values)) return values[0];
  if (depth > DEPTH_MAX) return null;
  const parts = (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']) as readonly JsonSchema[] | undefined;
  if (parts) return exampleAt(parts.find((part) => part['type'] !== 'null') ?? parts[0] ?? {}, deeper);
  const kind = Array.isArray(type) ? type.find((one) => one !== 'null') : type;
  if (kind === 'string') return textOf(schema, name);
  if (kind === 'integer' || kind === 'number') return numberOf(schema, name);
  if (kind === 'boolean') return standard ?? true;
  if (kind === 'null') return null;
  if (kind === 'array') return listOf(schema, deeper);
  if (kind === 'object') return objectOf(schema, deeper);
  return standard ?? {};
}

function textOf(schema: JsonSchema, name: string): string {
  const { default: standard, minLength = 0, maxLength = Number.POSITIVE_INFINITY, format } = schema;
  if (typeof standard === 'string') return standard;
  const known = BY_NAME[name];
  const text =
    typeof known === 'string'
      ? known
      : format === 'email'
        ? 'ann@example.com'
        : name.endsWith('Id')
          ? 'res_01m8b2k95p36g596mf6mh1epw9'
          : 'text';
  return text.slice(0, maxLength as number).padEnd(minLength as number, 'x');
}

function numberOf(schema: JsonSchema, name: string): number {
  const { default: standard, minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = schema;
  if (typeof standard === 'number') return standard;
  const wanted = name.endsWith('UnixMs') ? UNIX_MS : 1;
  return Math.min(Math.max(wanted, minimum as number), maximum as number);
}

function listOf(schema: JsonSchema, place: Place): unknown[] {
  const items = (schema['items'] as JsonSchema | undefined) ?? {};
  const known = BY_NAME[place.name];
  return Array.isArray(known) ? known : [exampleAt(items, { ...place, name: place.name.replace(/s$/, '') })];
}

/** Of what may be left out, what has no default is left out: it is there for who means it. */
function objectOf(schema: JsonSchema, place: Place): Record<string, unknown> {
  const properties = (schema['properties'] as Record<string, JsonSchema> | undefined) ?? {};
  const others = (schema['additionalProperties'] || {}) as JsonSchema;
  const required = (schema['required'] as readonly string[] | undefined) ?? [];
  const shown = required.map((name) => [name, properties[name] ?? others] as const);
  const told = shown.length > 0 ? shown : Object.entries(properties).slice(0, 1);
  return Object.fromEntries(told.map(([name, property]) => [name, exampleAt(property, { ...place, name })]));
}
