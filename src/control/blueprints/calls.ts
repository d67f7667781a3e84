/** The API, asked from within a transaction: what a blueprint changes is judged and audited as if people had asked for it. */
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { Failure } from '../../base/index.ts';
import type { JsonObject } from '../../core/blueprint/index.ts';
import { type Api, type ApiContext, prepareApi } from '../api/api.ts';
import { auditRoutes } from '../api/audit.ts';
import { clientAuthorityRoutes } from '../api/client-authorities.ts';
import { credentialRoutes } from '../api/credentials.ts';
import { deviceRoutes } from '../api/devices.ts';
import { dnsProviderRoutes } from '../api/dns-providers.ts';
import { domainRoutes } from '../api/domains.ts';
import { factorAdminRoutes } from '../api/factors.ts';
import { groupRoutes } from '../api/groups.ts';
import { organisationRoutes } from '../api/organisation.ts';
import { policyRoutes } from '../api/policies.ts';
import { providerRoutes } from '../api/providers.ts';
import { resourceHttpRoutes } from '../api/resource-http.ts';
import { resourceRoutes } from '../api/resources.ts';
import { roleRoutes } from '../api/roles.ts';
import { siteRoutes } from '../api/sites.ts';
import { targetRoutes } from '../api/targets.ts';
import { API_BODY_MAX_BYTES } from '../constants.ts';
import { asFailure } from '../failures.ts';
import { ControlFailure } from '../problems.ts';
import type { Names } from './names.ts';
import type { SecretReference } from './secret-reference.ts';

const ROUTES: readonly ((api: Api, context: ApiContext) => void)[] = [
  organisationRoutes,
  siteRoutes,
  deviceRoutes,
  providerRoutes,
  resourceRoutes,
  resourceHttpRoutes,
  policyRoutes,
  targetRoutes,
  domainRoutes,
  dnsProviderRoutes,
  credentialRoutes,
  clientAuthorityRoutes,
  factorAdminRoutes,
  roleRoutes,
  groupRoutes,
  auditRoutes,
];

export class Calls {
  readonly names: Names;
  readonly #app: FastifyInstance;
  readonly #secretOf: (reference: SecretReference) => string | undefined;
  #failure: unknown;

  /** @param context whose store is joined to the transaction, with who asks */
  constructor(context: ApiContext, names: Names, secretOf: (reference: SecretReference) => string | undefined) {
    this.names = names;
    this.#secretOf = secretOf;
    this.#app = Fastify({ bodyLimit: API_BODY_MAX_BYTES });
    this.#app.setValidatorCompiler(validatorCompiler);
    this.#app.setSerializerCompiler(serializerCompiler);
    this.#app.setErrorHandler((error: FastifyError | Failure, _request, reply) => {
      this.#failure = asFailure(error);
      return reply.code(500).send('');
    });
    this.#app.register(async (scope) => {
      const api = prepareApi(scope, context);
      for (const addRoutes of ROUTES) addRoutes(api, context);
    });
  }

  async post<Answer extends object = { id: string }>(path: string, body: JsonObject): Promise<Answer> {
    return (await this.#call('POST', path, body)) as Answer;
  }

  async patch(path: string, body: JsonObject): Promise<void> {
    if (Object.keys(body).length > 0) await this.#call('PATCH', path, body);
  }

  async put(path: string, body: JsonObject): Promise<void> {
    await this.#call('PUT', path, body);
  }

  async get<Answer extends object>(path: string): Promise<Answer> {
    return (await this.#call('GET', path)) as Answer;
  }

  async remove(path: string): Promise<void> {
    await this.#call('DELETE', path);
  }

  /** A secret that must be there now. Failure `secret-missing`. */
  secret(reference: SecretReference | undefined, path: string): string {
    const secret = reference && this.#secretOf(reference);
    if (secret !== undefined) return secret;
    const where = reference && ('env' in reference ? `the variable ${reference.env}` : `the file ${reference.file}`);
    const text = where ? `${where} is not there` : 'say where it is: { env: NAME } or { file: PATH }';
    const problems = [{ path, expected: 'a secret by reference: { env: NAME } or { file: PATH }', found: text }];
    throw new ControlFailure('secret-missing', `${path}: ${text}`, { problems });
  }

  async close(): Promise<void> {
    await this.#app.close();
  }

  async #call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: JsonObject): Promise<unknown> {
    this.#failure = undefined;
    const answer = await this.#app.inject({ method, url, ...(body && { payload: body }) });
    if (this.#failure !== undefined) throw this.#failure;
    if (answer.statusCode >= 400) throw new Failure('internal', `${method} ${url}: ${answer.statusCode}`);
    return answer.body === '' ? undefined : (JSON.parse(answer.body) as unknown);
  }
}
