import Fastify from 'fastify';
import {
  createJsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import type { ApiContext } from './api.ts';
import { type ApiDocument, completeDocument } from './api-document.ts';
import { API_PREFIX, registerApi } from './routes.ts';

const toJsonSchema = createJsonSchemaTransform({ skipList: [] });
type Transform = typeof toJsonSchema;

/** Says of each operation what it needs (a permission, to be signed in, or nothing), and with what it may refuse. */
function withAccess({ route }: Parameters<Transform>[0], described: ReturnType<Transform>): ReturnType<Transform> {
  const { access, mayRefuse = [] } = route.config ?? {};
  const said = { 'x-access': access, 'x-refusals': [...mayRefuse] };
  return access === undefined ? described : { ...described, schema: { ...described.schema, ...said } };
}

/**
 * The OpenAPI 3.1 document of the management API, made from the very routes that serve it. Built when somebody asks, on
 * a server that never listens, so that an ordinary start does not pay for it.
 */
export async function buildOpenApi(context: ApiContext): Promise<object> {
  const { default: swagger } = await import('@fastify/swagger');
  const app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Manis management API',
        description: [
          'Errors are RFC 9457 problem documents with a stable `code`. Lists page with `after` and `limit`.',
          'A POST with `Idempotency-Key` is done once, and answered alike for a day. Answers to GET have an `ETag`:',
          '`If-None-Match` spares the body, `If-Match` refuses a change of what somebody else has changed (412).',
        ].join(' '),
        version: context.control.software,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          apiToken: { type: 'http', scheme: 'bearer' },
          portalSession: { type: 'apiKey', in: 'cookie', name: '__Host-manis_portal' },
        },
      },
      security: [{ apiToken: [] }, { portalSession: [] }],
    },
    transform: (route) => withAccess(route, toJsonSchema(route)),
    transformObject: jsonSchemaTransformObject,
  });
  registerApi(app, context);
  await app.ready();
  const document = app.swagger() as unknown as ApiDocument;
  await app.close();
  return completeDocument(document, API_PREFIX);
}

/** The document without a control node: routes are described, and nobody calls one. */
export function describeApi(): Promise<object> {
  const nothing: object = new Proxy({}, { get: (_target, name) => (name === 'software' ? 'manis' : nothing) });
  return buildOpenApi({ control: nothing, sessions: nothing, codes: nothing } as ApiContext);
}
