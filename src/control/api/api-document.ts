/** What every operation has beside what its route says: its statuses with the codes of problems, its name, examples. */
import { PROBLEM_STATUSES } from '../problem-statuses.ts';
import { exampleOf, type JsonSchema, type NamedSchemas } from './examples.ts';

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
  /** Left out of the document: there they stand at their statuses. */
  readonly 'x-refusals'?: readonly string[];
}

export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: NamedSchemas };
}

/** What a status of a refusal means. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: 'The request is not as it should be; `problems` says which fields',
  401: 'Nobody is signed in, or the key is not good',
  403: 'It is not allowed: a permission, a fresh proof or an origin is missing',
  404: 'There is no such thing, or it is another organisation’s',
  409: 'What there is already stands against it',
  412: 'It has changed since it was read (`If-Match`)',
  413: 'The body is too long',
  415: 'The body is no JSON',
  422: 'The `Idempotency-Key` was used for another request',
  429: 'Too many requests of this kind; `Retry-After` says when to ask again',
  500: 'An unexpected error',
  502: 'Somebody else’s server did not answer as it should',
  503: 'It cannot be done at the moment; ask again',
  507: 'The disk is full',
};

interface Facts {
  readonly method: string;
  readonly isPublic: boolean;
  /** Its answers have entity tags. */
  readonly isTagged: boolean;
}

const TAG = '"dQw4w9WgXcQ"';
const ETag = {
  description: 'tag of the answer, for `If-None-Match` and `If-Match`',
  schema: { type: 'string' },
  example: TAG,
};
const RETRY_AFTER = { description: 'seconds, where they are known', schema: { type: 'integer' }, example: 1 };
const KNOWN: Answer = { description: 'It is what `If-None-Match` says', headers: { ETag } };
const PROBLEM_TYPE = 'application/problem+json';
const SCHEMA_OF_PROBLEM = { $ref: '#/components/schemas/Problem' };

export function completeDocument(document: ApiDocument, prefix: string): object {
  const named = document.components?.schemas ?? {};
  const paths = Object.entries(document.paths).map(([path, item]) => {
    const operations = Object.entries(item).map(([method, operation]) => {
      const own = { operationId: operationIdOf(method, path.slice(prefix.length)) };
      return [method, { ...own, ...completeOperation(method, operation, named) }] as const;
    });
    return [path, Object.fromEntries(operations)] as const;
  });
  const used = namedIn(document.paths, named);
  const schemas = { ...used, Problem: problemSchema(Object.keys(PROBLEM_STATUSES).toSorted()) };
  return { ...document, paths: Object.fromEntries(paths), components: { ...document.components, schemas } };
}

/** The schemas with names that something refers to, and those that these refer to. */
function namedIn(part: unknown, named: NamedSchemas, found: Record<string, JsonSchema> = {}): NamedSchemas {
  for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    const schema = named[name];
    if (!schema || found[name]) continue;
    found[name] = schema;
    namedIn(schema, named, found);
  }
  return found;
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
  { 'x-refusals': codes = [], ...operation }: Operation,
  named: NamedSchemas,
): Operation {
  const isTagged = method === 'get' && operation.responses['200']?.content?.['application/json'] !== undefined;
  const facts = { method, isPublic: operation['x-access'] === 'public', isTagged };
  const exampled = (content: Content): Content => ({ ...content, example: exampleOf(content.schema, named) });
  const { '4xx': _client, '4XX': _Client, '5xx': _server, '5XX': _Server, ...answers } = operation.responses;
  const byStatus = Object.groupBy(codes, (code) => PROBLEM_STATUSES[code as keyof typeof PROBLEM_STATUSES]);
  const refusals = Object.entries(byStatus).map(([status, own = []]) => [status, refusalOf(Number(status), own)]);
  const responses = {
    ...mapped(answers, (answer) => completeAnswer(answer, exampled, isTagged)),
    ...(isTagged && { 304: KNOWN }),
    ...Object.fromEntries(refusals),
  };
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

function refusalOf(status: number, codes: readonly string[]): Answer {
  const [code = 'internal'] = codes;
  const description = REFUSALS[status] ?? '';
  const example = {
    ...{ type: `urn:manis:problem:${code}`, title: code.replaceAll('-', ' '), status, code },
    ...{ detail: description, requestId: 'bL84ZZ02KXBpr8KC' },
  };
  const schema = { allOf: [SCHEMA_OF_PROBLEM, { properties: { code: { type: 'string', enum: codes } } }] };
  const content = { [PROBLEM_TYPE]: { schema, example } };
  const headers = status === 429 || status === 503 ? { headers: { 'Retry-After': RETRY_AFTER } } : {};
  return { description: `${description}. Codes: ${codes.join(', ')}`, ...headers, content };
}

function headersOf({ method, isPublic, isTagged }: Facts): Parameter[] {
  const header = (name: string, description: string, example: string): Parameter => ({
    ...{ name, in: 'header', required: false, description, schema: { type: 'string' }, example },
  });
  const known = header('If-None-Match', 'tag of the answer that is known: then 304', TAG);
  if (method === 'get') return isTagged ? [known] : [];
  const ifMatch = header('If-Match', 'tag of what was read: else 412', TAG);
  if (method !== 'post') return [ifMatch];
  const name = 'a name of the request: done once, and answered alike for a day';
  return isPublic ? [] : [header('Idempotency-Key', name, '"8e03978e-40d5-43dd-bc93-6894a57f9324"')];
}

function completeAnswer(answer: Answer, exampled: (content: Content) => Content, isTagged: boolean): Answer {
  const described = answer.description === 'Default Response' ? { description: 'It is so' } : {};
  const content = answer.content && { content: mapped(answer.content, exampled) };
  return { ...answer, ...described, ...content, ...(isTagged && { headers: { ETag } }) };
}

function withExample(parameter: Parameter): Parameter {
  return { ...parameter, example: exampleOf(parameter.schema, {}, parameter.name) };
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
