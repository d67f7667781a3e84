import type { Kysely } from 'kysely';
import { table } from './table.ts';

export async function addDomains(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'dns_providers',
    {
      id: 'id',
      organisation_id: 'text',
      name: 'text',
      kind: 'text',
      settings: 'text',
      secret: 'text',
      created_unix_ms: 'big',
    },
    { unique: [['organisation_id', 'name']], references: { organisation_id: 'organisations' } },
  );
  await table(
    database,
    'domains',
    {
      id: 'id',
      organisation_id: 'text',
      name: 'text',
      mode: 'text',
      certificate: 'text',
      challenge: 'text?',
      dns_provider_id: 'text?',
      own_certificate_id: 'text?',
      proof_token: 'text',
      state: 'text',
      state_since_unix_ms: 'big',
      reason: 'text',
      verified_unix_ms: 'big?',
      checked_unix_ms: 'big?',
      hsts: 'text?',
      created_unix_ms: 'big',
    },
    // Two organisations may both say that it is theirs; one can prove it.
    { unique: [['organisation_id', 'name']], references: { organisation_id: 'organisations' }, index: ['name'] },
  );
  await table(
    database,
    'domain_checks',
    { domain_id: 'text', observer: 'text', checked_unix_ms: 'big', answers: 'text' },
    { primaryKey: ['domain_id', 'observer'], references: { domain_id: 'domains' } },
  );
}

export async function addTicketSecrets(database: Kysely<unknown>): Promise<void> {
  await table(database, 'ticket_secrets', { id: 'id', secret: 'text' });
}

export async function addOwnCertificates(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'own_certificates',
    {
      id: 'id',
      organisation_id: 'text',
      name: 'text',
      hosts: 'text',
      chain_pem: 'text',
      key_pem: 'text',
      not_before_unix_ms: 'big',
      not_after_unix_ms: 'big',
      warnings: 'text',
      chain_path: 'text?',
      key_path: 'text?',
      node_id: 'text?',
      fault: 'text?',
      created_unix_ms: 'big',
    },
    { unique: [['organisation_id', 'name']], references: { organisation_id: 'organisations' } },
  );
}
