/** An organisation as a document: names in place of ids, one order for ever, and nothing that is so anyway. */
import { stringify } from 'yaml';
import type { NounName } from '../../core/blueprint/index.ts';
import { findOrganisation, type Queries } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import type { Principal } from '../principal.ts';
import type { Stored } from './part.ts';
import { BLUEPRINT_VERSION, PARTS_IN_ORDER, partOf, READING_ORDER } from './parts.ts';
import { type Present, readPresent } from './present.ts';

export interface Exported {
  readonly text: string;
  readonly basis: string;
  /** What whoever asks may not see. */
  readonly leftOut: readonly NounName[];
}

const SCHEMA_LINE = '# yaml-language-server: $schema=';

export async function exportBlueprint(
  control: Control,
  queries: Queries,
  organisationId: string,
  { permissions }: Pick<Principal, 'permissions'>,
  schemaUrl: string,
): Promise<Exported> {
  const leftOut = PARTS_IN_ORDER.filter(({ permission }) => !permissions.has(permission)).map(({ noun }) => noun);
  const present = await readPresent(control, queries, organisationId, (noun) => !leftOut.includes(noun));
  const organisation = await findOrganisation(queries, organisationId);
  const head = [
    `${SCHEMA_LINE}${schemaUrl}`,
    `# The organisation ${JSON.stringify(organisation?.name ?? '')}. Secrets are references: nothing here holds one.`,
    ...(leftOut.length > 0 ? [`# Left out, since you may not read it: ${leftOut.join(', ')}.`] : []),
  ];
  const text = `${head.join('\n')}\n${stringify(documentOf(present), { lineWidth: 0, aliasDuplicateObjects: false })}`;
  return { text, basis: present.basis, leftOut };
}

function documentOf({ things }: Present): Record<string, unknown> {
  const byNoun = Map.groupBy(things, ({ noun }) => noun);
  const document: Record<string, unknown> = { manis: BLUEPRINT_VERSION };
  for (const noun of READING_ORDER) {
    const entries = (byNoun.get(noun) ?? []).map((stored) => [stored.name, partOf(noun).entryOf(stored)] as const);
    if (noun === 'organisation') {
      const [only] = entries;
      if (only && Object.keys(only[1] as object).length > 0) document[noun] = only[1];
    } else if (entries.length > 0) document[noun] = Object.fromEntries(entries.sort(byName));
  }
  return document;
}

/** `app-2` before `app-10`. */
function byName([left]: readonly [Stored['name'], unknown], [right]: readonly [Stored['name'], unknown]): number {
  return left.localeCompare(right, 'en', { numeric: true }) || (left < right ? -1 : 1);
}
