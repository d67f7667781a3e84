/** Every noun of a blueprint, and the shape of the whole: from it come the parser and the JSON Schema. */
import { z } from 'zod';
import { NOUNS, type NounName } from '../../core/blueprint/index.ts';
import { clientAuthorities } from './nouns/client-authorities.ts';
import { credentials } from './nouns/credentials.ts';
import { dnsProviders, domains } from './nouns/dns.ts';
import { lists } from './nouns/lists.ts';
import { organisation } from './nouns/organisation.ts';
import { providers } from './nouns/providers.ts';
import { resources } from './nouns/resources.ts';
import { groups, roles } from './nouns/roles.ts';
import { devices, sites } from './nouns/sites.ts';
import type { Part } from './part.ts';

const PARTS: Readonly<Record<NounName, Part>> = {
  ...{ lists, roles, organisation, groups, providers, dnsProviders, domains, sites, devices, resources },
  ...{ clientAuthorities, credentials },
};

/** In the order in which things refer to one another. */
export const PARTS_IN_ORDER: readonly Part[] = NOUNS.map((noun) => PARTS[noun]);

export function partOf(noun: NounName): Part {
  return PARTS[noun];
}

/** What whoever changes such a thing, or whose it is, has to be allowed. */
export function writePermissionOf(noun: NounName): Part['permission'] {
  return partOf(noun).permission.replace(/\.read$/, '.write') as Part['permission'];
}

/** In the order in which people read. */
export const READING_ORDER: readonly NounName[] = [
  'organisation',
  'sites',
  'devices',
  'domains',
  'dnsProviders',
  'resources',
  'credentials',
  'clientAuthorities',
  'roles',
  'groups',
  'lists',
  'providers',
];

export const BLUEPRINT_VERSION = 1;

const NAME = z.string().min(1).max(253);

/** The whole document. */
export const blueprintShape = z.strictObject({
  manis: z.literal(BLUEPRINT_VERSION).describe('version of the language'),
  ...Object.fromEntries(READING_ORDER.map((noun) => [noun, sectionOf(partOf(noun))])),
});

function sectionOf({ noun, shape }: Part): z.ZodType {
  if (noun === 'organisation') return shape.optional().describe('settings; what is left out stays as it is');
  return z.record(NAME, shape).optional();
}

let schema: object | undefined;

/** JSON Schema (2020-12) of a blueprint. */
export function blueprintSchema(): object {
  schema ??= {
    ...z.toJSONSchema(blueprintShape, { io: 'input', unrepresentable: 'any' }),
    title: 'Manis blueprint',
    description: 'An organisation of Manis as one document; see docs/blueprints.md',
  };
  return schema;
}
