/** The management API as its OpenAPI document describes it, and whether answers are what that says. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Operation } from '../control/api/api-document.ts';
import type { JsonSchema } from '../control/api/examples.ts';
import type { Answer, ControlWorld } from './control-world.ts';

/** The document, as far as tests read it. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

type DescribedOperation = Operation & { readonly operationId: string; readonly 'x-access': string };

export interface Described {
  /** `GET /sites/{id}` */
  readonly name: string;
  readonly method: string;
  /** Without what all paths begin with. */
  readonly path: string;
  readonly access: string;
  readonly operation: DescribedOperation;
}

const PREFIX = '/api/v1';
/** Of the document, for those who read its schemas one by one. */
const ID = 'api:document';

export class DescribedApi {
  readonly document: Document;
  readonly operations: readonly Described[];
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });
  /** By their JSON: many operations answer alike. */
  readonly #validators = new Map<string, ValidateFunction>();

  static async of(world: ControlWorld): Promise<DescribedApi> {
    return new DescribedApi((await world.call('GET', `${PREFIX}/openapi.json`)).body);
  }

  constructor(document: Document) {
    this.document = document;
    this.#ajv.addSchema({ $id: ID, components: document.components });
    this.operations = Object.entries(document.paths).flatMap(([whole, item]) =>
      Object.entries(item).map(([verb, operation]) => {
        const [method, path] = [verb.toUpperCase(), whole.slice(PREFIX.length)];
        return { name: `${method} ${path}`, method, path, access: operation['x-access'], operation };
      }),
    );
  }

  named(name: string): Described {
    const found = this.operations.find((one) => one.name === name);
    if (!found) throw new Error(`the document has no ${name}`);
    return found;
  }

  /** What about an answer is not as the document says: status, media type, code, shape. */
  faultOf({ operation }: Described, { status, body, headers }: Answer): string | undefined {
    const declared = operation.responses[String(status)];
    if (!declared) return 'a status that is not described';
    const type = String(headers['content-type'] ?? '').split(';', 1)[0] as string;
    const content = declared.content?.[type];
    if (!content) return body === undefined && !declared.content ? undefined : `${type || 'nothing'} is not described`;
    if (status >= 400 && body.status !== status) return `the body says ${body.status}`;
    return type.includes('json') && !type.includes('ndjson') ? this.faultIn(content.schema, body) : undefined;
  }

  /** What about a value is not as a schema of the document says. */
  faultIn(schema: JsonSchema, value: unknown): string | undefined {
    const key = JSON.stringify(schema);
    let validate = this.#validators.get(key);
    if (!validate) {
      validate = this.#ajv.compile(JSON.parse(key.replaceAll('"#/', `"${ID}#/`)) as JsonSchema);
      this.#validators.set(key, validate);
    }
    return validate(value) ? undefined : this.#ajv.errorsText(validate.errors);
  }
}

/** The schema of the JSON that an operation takes. */
export function takenBy({ operation }: Described): JsonSchema | undefined {
  return operation.requestBody?.content['application/json']?.schema;
}
