/**
 * What an OpenAPI 3.1 document has to be (https://spec.openapis.org/oas/v3.1.0), as far as ours says anything: a word that
 * is none of these is one that nobody has looked up.
 */

const text = { type: 'string', minLength: 1 };
const ref = (name: string) => ({ $ref: `#/$defs/${name}` });
/** An object with these fields, extensions, and no others. */
function object(required: readonly string[], properties: object) {
  return { type: 'object', required, properties, patternProperties: { '^x-': true }, additionalProperties: false };
}
/** An object with a field for each of any names. */
const mapOf = (values: object, names: object = {}) => ({
  ...{ type: 'object', propertyNames: names, additionalProperties: values },
});

const componentName = { pattern: '^[a-zA-Z0-9._-]+$' };
const isSchema = { type: ['object', 'boolean'] };
const security = { type: 'array', items: mapOf({ type: 'array', items: text }) };

const parameter = object(['name', 'in', 'schema'], {
  name: text,
  in: { enum: ['path', 'query', 'header'] },
  description: text,
  required: { type: 'boolean' },
  schema: isSchema,
  example: true,
});

const header = object(['schema'], { description: text, schema: isSchema, example: true });
const media = object(['schema'], { schema: isSchema, example: true });

const answer = object(['description'], {
  description: text,
  headers: mapOf(header),
  content: mapOf(media, { pattern: '^[a-z]+/[a-z0-9.+-]+$' }),
});

const operation = object(['operationId', 'summary', 'tags', 'responses'], {
  operationId: { type: 'string', pattern: '^[a-z][A-Za-z0-9]+$' },
  summary: text,
  description: text,
  tags: { type: 'array', items: text, uniqueItems: true },
  parameters: { type: 'array', items: parameter, uniqueItems: true },
  requestBody: object(['content'], { description: text, content: mapOf(media), required: { type: 'boolean' } }),
  responses: { ...mapOf(answer, { pattern: '^[1-5]\\d\\d$' }), minProperties: 1 },
  security,
});

export const OPENAPI_SCHEMA = {
  $defs: { operation },
  ...object(['openapi', 'info', 'paths', 'components'], {
    openapi: { const: '3.1.0' },
    info: object(['title', 'version'], {
      ...{ title: text, version: text, description: text },
      license: object(['name'], { name: text, identifier: text }),
    }),
    tags: { type: 'array', items: object(['name', 'description'], { name: text, description: text }) },
    paths: mapOf(
      object([], Object.fromEntries(['get', 'put', 'post', 'delete', 'patch'].map((verb) => [verb, ref('operation')]))),
      { pattern: '^/' },
    ),
    components: object(['schemas', 'securitySchemes'], {
      schemas: mapOf(isSchema, componentName),
      securitySchemes: mapOf(
        {
          oneOf: [
            object(['type', 'scheme'], { type: { const: 'http' }, scheme: text }),
            object(['type', 'in', 'name'], { type: { const: 'apiKey' }, in: { const: 'cookie' }, name: text }),
          ],
        },
        componentName,
      ),
    }),
    security,
  }),
};
