/** What every operation has beside what its route says: its statuses with the codes of problems, its name, examples. */
import { statusesOfProblems } from '../problems.ts';
import { exampleOf, type JsonSchema } from './examples.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

interface Content {
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

interface Answer {
  readonly description?: string;
  readonly content?: Readonly<Record<string, Content>>;
  readonly headers?: object;
}

export interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Answer>>;
  readonly security?: readonly object[];
  readonly 'x-access'?: string;
}

export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Statuses that a refusal of an operation can have, and why; the codes are those of the whole API. */
const REFUSALS: readonly [status: number, description: string, when: (of: Facts) => boolean][] = [
  [400, 'The request is not as it should be; `problems` says which fields', () => true],
  [401, 'Nobody is signed in, or the key is not good', ({ isPublic }) => !isPublic],
  [403, 'It is not allowed: a permission, a fresh proof or an origin is missing', ({ isPublic }) => !isPublic],
  [404, 'There is no such thing, or it is another organisation’s', () => true],
  [409, 'What there is already stands against it', ({ method }) => method !== 'get'],
  [412, 'It has changed since it was read (`If-Match`)', ({ method }) => method !== 'get'],
  [413, 'The body is too long', ({ hasBody }) => hasBody],
  [415, 'The body is no JSON', ({ hasBody }) => hasBody],
  [422, 'The `Idempotency-Key` was used for another request', ({ method, isPublic }) => method === 'post' && !isPublic],
  [429, 'Too many requests of this kind; `Retry-After` says when to ask again', ({ method }) => method === 'post'],
  [500, 'An unexpected error', () => true],
  [502, 'Somebody else’s server did not answer as it should', ({ method }) => method !== 'get'],
  [503, 'It cannot be done at the moment; ask again', () => true],
  [507, 'The disk is full', ({ method }) => method !== 'get'],
];

interface Facts {
  readonly method: string;
  readonly hasBody: boolean;
  readonly isPublic: boolean;
}

const PROBLEM_TYPE = 'application/problem+json';
const SCHEMA_OF_PROBLEM = { $ref: '#/components/schemas/Problem' };

export function completeDocument(document: ApiDocument, prefix: string): object {
  const byStatus = statusesOfProblems();
  const paths = Object.entries(document.paths).map(([path, item]) => {
    const operations = Object.entries(item).map(([method, operation]) => {
      const own = { operationId: operationIdOf(method, path.slice(prefix.length)) };
      return [method, { ...own, ...completeOperation(method, operation, byStatus) }] as const;
    });
    return [path, Object.fromEntries(operations)] as const;
  });
  const { components = {} } = document as { readonly components?: { readonly schemas?: object } };
  const schemas = { ...components.schemas, Problem: problemSchema([...byStatus.values()].flat().sort()) };
  return { ...document, paths: Object.fromEntries(paths), components: { ...components, schemas } };
}

/** `GET /sites/{id}/devices` -> `getSitesByIdDevices`. */
export function operationIdOf(method: string, path: string): string {
  const words = path.split('/').filter(Boolean);
  const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
  const named = words.map((word) =>
    word.startsWith('{') ? `By${capital(word.slice(1, -1))}` : word.split('-').map(capital).join(''),
  );
  return method + named.join('');
}

function completeOperation(
  method: string,
  operation: Operation,
  byStatus: ReadonlyMap<number, readonly string[]>,
): Operation {
  const facts = { method, hasBody: operation.requestBody !== undefined, isPublic: operation['x-access'] === 'public' };
  const { '4xx': _client, '4XX': _Client, '5xx': _server, '5XX': _Server, ...answers } = operation.responses;
  const refusals = REFUSALS.filter(([, , when]) => when(facts)).map(([status, description]) => [
    status,
    refusalOf(status, description, byStatus.get(status) ?? []),
  ]);
  const responses = { ...mapped(answers, withExamples), ...Object.fromEntries(refusals) };
  const parameters = [...(operation.parameters ?? []).map(withExample), ...headersOf(facts)];
  const { requestBody } = operation;
  return {
    ...operation,
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody: { ...requestBody, content: mapped(requestBody.content, exampled) } }),
    responses,
    ...(facts.isPublic && { security: [] }),
  };
}

function refusalOf(status: number, description: string, codes: readonly string[]): Answer {
  const [code = 'internal'] = codes;
  const example = {
    ...{ type: `urn:manis:problem:${code}`, title: code.replaceAll('-', ' '), status, code },
    ...{ detail: description, requestId: 'bL84ZZ02KXBpr8KC' },
  };
  const content = { [PROBLEM_TYPE]: { schema: SCHEMA_OF_PROBLEM, example } };
  return { description: `${description}. Codes: ${codes.join(', ')}`, content };
}

function headersOf({ method, isPublic }: Facts): Parameter[] {
  const header = (name: string, description: string, example: string): Parameter => ({
    ...{ name, in: 'header', required: false, description, schema: { type: 'string' }, example },
  });
  const known = header('If-None-Match', 'tag of the answer that is known: then 304', '"dQw4w9WgXcQ"');
  if (method === 'get') return [known];
  const ifMatch = header('If-Match', 'tag of what was read: else 412', '"dQw4w9WgXcQ"');
  if (method !== 'post') return [ifMatch];
  const name = 'a name of the request: done once, and answered alike for a day';
  return isPublic ? [] : [header('Idempotency-Key', name, '"8e03978e-40d5-43dd-bc93-6894a57f9324"')];
}

function withExamples(answer: Answer): Answer {
  const described = answer.description === 'Default Response' ? { description: 'It is so' } : {};
  return { ...answer, ...described, ...(answer.content && { content: mapped(answer.content, exampled) }) };
}

function exampled(content: Content): Content {
  return content.schema === undefined ? content : { ...content, example: exampleOf(content.schema) };
}

function withExample(parameter: Parameter): Parameter {
  return { ...parameter, example: exampleOf(parameter.schema, parameter.name) };
}

function mapped<Value, Mapped>(record: Readonly<Record<string, Value>>, map: (value: Value) => Mapped) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)])) as Record<string, Mapped>;
}

function problemSchema(codes: readonly string[]): JsonSchema {
  const text = { type: 'string' };
  const problem = {
    type: 'object',
    properties: { path: text, expected: text, found: text },
    required: ['path', 'expected'],
  };
  return {
    type: 'object',
    description: 'RFC 9457, with a stable `code`',
    properties: {
      ...{ type: text, title: text, status: { type: 'integer' }, code: { type: 'string', enum: codes } },
      ...{ detail: text, requestId: text, problems: { type: 'array', items: problem } },
    },
    required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
  };
}
