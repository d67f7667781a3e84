import { findOrganisation, type Queries } from '../../io/store/index.ts';
import { QUOTAS } from '../constants.ts';
import { quotaOf } from '../quotas.ts';

const MEGABYTE = 1024 * 1024;

/** Most bytes that captured requests of an organisation may take. @param first the installation's own organisation. */
export async function captureBytesAllowed(queries: Queries, first: string, organisationId: string): Promise<number> {
  const row = await findOrganisation(queries, organisationId);
  const megabytes = row && quotaOf({ organisationId: first }, row, 'captureMegabytes');
  return (megabytes ?? QUOTAS.captureMegabytes) * MEGABYTE;
}
