import { findOrganisation, type Queries } from '../../io/store/index.ts';
import { quotaOf } from '../quotas.ts';
import { CAPTURE_BYTES_MAX } from './constants.ts';

const MEGABYTE = 1024 * 1024;

/** Most bytes that captured requests of an organisation may take. @param first the installation's own organisation. */
export async function captureBytesAllowed(queries: Queries, first: string, organisationId: string): Promise<number> {
  const row = await findOrganisation(queries, organisationId);
  const megabytes = row && quotaOf({ organisationId: first }, row, 'captureMegabytes');
  return megabytes === undefined ? CAPTURE_BYTES_MAX : megabytes * MEGABYTE;
}
