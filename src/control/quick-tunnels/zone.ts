/** Where the names of quick tunnels are made. */
import type { Random } from '../../base/index.ts';
import { allDomains, findOrganisation, type Queries } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { domainsOf } from '../host-claims.ts';
import { ControlFailure } from '../problems.ts';

const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const LABEL_CHARS = 10;

/** 49 bits of chance: nobody comes upon a quick tunnel by trying names. Without characters that are read as others. */
export function randomLabel(random: Random): string {
  let label = '';
  while (label.length < LABEL_CHARS)
    for (const byte of random.bytes(LABEL_CHARS))
      if (byte < 248 && label.length < LABEL_CHARS) label += ALPHABET.charAt(byte % ALPHABET.length);
  return `try-${label}`;
}

/**
 * The name below which an organisation's quick tunnels are: of the first organisation the zone of the PoPs, else the
 * portal's host; of any other a domain of its own, one in which every name leads to the PoPs before others. Failure
 * `quick-tunnel-nowhere`.
 */
export async function zoneOf(
  { portalHost, organisationId: first }: Pick<Control, 'portalHost' | 'organisationId'>,
  queries: Queries,
  organisationId: string,
): Promise<string> {
  const organisation = await findOrganisation(queries, organisationId);
  if (organisation && organisationId === first) return organisation.dns_zone ?? portalHost;
  const proved = (await allDomains(queries)).filter(
    (domain) => domain.organisation_id === organisationId && domain.verified_unix_ms !== null,
  );
  const whole = proved.find(({ mode }) => mode !== 'cname');
  const name = whole?.name ?? organisation?.dns_zone ?? (organisation && domainsOf(organisation)[0]);
  if (name) return name;
  throw new ControlFailure(
    'quick-tunnel-nowhere',
    'the organisation has no domain to make a name in: add one with a wildcard, or give a whole host name',
  );
}
