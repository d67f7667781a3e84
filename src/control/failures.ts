/** What was thrown while a request was answered, as a failure that people can be told. */
import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { Failure } from '../base/index.ts';
import { StoreFailure } from '../io/store/index.ts';
import { API_BODY_MAX_BYTES } from './constants.ts';
import { ControlFailure, type ControlProblem } from './problems.ts';

/** What a conflict of the store means to the one who asked. */
const CONFLICTS: Readonly<Record<string, readonly [ControlProblem, string]>> = {
  'resources.host': ['host-taken', 'another resource has this host'],
  'sites.name': ['name-taken', 'another site has this name'],
  'roles.name': ['name-taken', 'another role has this name'],
  'pops.name': ['name-taken', 'another PoP has this name'],
  'user_groups.name': ['name-taken', 'another group has this name'],
  'identity_providers.name': ['name-taken', 'another identity provider has this name'],
  'domains.name': ['domain-taken', 'the organisation has this domain already'],
  'dns_providers.name': ['name-taken', 'another DNS provider has this name'],
  'own_certificates.name': ['name-taken', 'another certificate has this name'],
  'client_authorities.name': ['name-taken', 'another authority has this name'],
  'webhooks.name': ['name-taken', 'another webhook has this name'],
  'alert_rules.name': ['name-taken', 'another alert rule has this name'],
  'users.email': ['email-taken', 'another user has this email address'],
};

export function asFailure(error: FastifyError | Failure): unknown {
  if (error instanceof StoreFailure) {
    const conflict = CONFLICTS[error.constraint ?? ''];
    return conflict ? new ControlFailure(...conflict) : error;
  }
  if (error instanceof Failure) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const problems = error.validation.map((issue) => ({
      path: issue.instancePath.split('/').filter(Boolean).join('.'),
      expected: issue.message ?? 'another value',
    }));
    const [first] = problems;
    const detail = first ? `${first.path || 'the request'}: ${first.expected}` : 'the request is not as it should be';
    return new ControlFailure('request-invalid', detail, { problems });
  }
  const { code, statusCode } = error as FastifyError;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new ControlFailure('body-too-large', `the body is longer than ${API_BODY_MAX_BYTES} bytes`);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new ControlFailure('media-type-unsupported', 'expected a body of the type application/json');
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH')
    return new ControlFailure(
      'request-invalid',
      'the address is not encoded as it should be, or a part of it is too long',
    );
  if (statusCode !== undefined && statusCode < 500) return new ControlFailure('body-malformed', error.message);
  return error;
}
