/** What every noun of a blueprint knows of itself: its shape, its canonical fields, and the calls that make it so. */
import type { z } from 'zod';
import type { Json, JsonObject, NounName, Thing } from '../../core/blueprint/index.ts';
import type { Queries } from '../../io/store/index.ts';
import type { PathStep } from '../../io/yaml-document.ts';
import type { Control } from '../control.ts';
import type { OrganisationPermission } from '../permissions.ts';
import { ControlFailure } from '../problems.ts';
import type { Calls } from './calls.ts';
import type { Names } from './names.ts';
import type { SecretReference } from './secret-reference.ts';

/** A thing that is there. */
export interface Stored extends Thing {
  readonly id: string;
  readonly source: string | null;
}

/** A thing as a document wants it. */
export interface Wanted extends Thing {
  /** References of the document, by place; `clientSecret`. */
  readonly secrets?: Readonly<Record<string, SecretReference>>;
}

export interface Reading {
  readonly control: Control;
  readonly queries: Queries;
  readonly organisationId: string;
  readonly names: Names;
}

export interface Asking extends Reading {
  /** What stands behind a reference, where whoever sent the document said it. */
  readonly secretOf: (reference: SecretReference) => string | undefined;
}

/** What a secret field says of a thing that has one: the secret itself is nowhere. */
export const HIDDEN = '(hidden)';
export const ANOTHER = '(hidden, another one)';

export interface Part {
  readonly noun: NounName;
  readonly permission: OrganisationPermission;
  /** Of one entry. */
  readonly shape: z.ZodType;
  readonly nameShape?: z.ZodType;
  stored(reading: Reading): Promise<Stored[]>;
  /** The canonical form of an entry; its ControlFailures name places within the entry. */
  wanted(name: string, entry: unknown, before: (name: string) => Stored | undefined, asking: Asking): Promise<Wanted>;
  /** Canonical fields as people like to read them: what is so anyway is left out. */
  entryOf(stored: Stored): Json;
  /** Gives the id. */
  create(calls: Calls, wanted: Wanted): Promise<string>;
  /** Gives the id, which is another one where it had to be made anew. */
  update(calls: Calls, wanted: Wanted, before: Stored): Promise<string>;
  remove(calls: Calls, before: Stored): Promise<void>;
}

/** As JSON, without what is undefined. */
export function json<Value>(value: Value): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

/** What differs from what would be so anyway. */
export function without(fields: JsonObject, defaults: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults[key])),
  );
}

/** The fields of `after` that `before` has otherwise. */
export function changed(after: JsonObject, before: JsonObject): JsonObject {
  return without(after, before);
}

/** A mistake at a place within an entry. */
export function wrong(path: readonly PathStep[], expected: string, found?: unknown): ControlFailure {
  const text = path.map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`)).join('');
  const problem = { path: text, expected, ...(found !== undefined && { found: JSON.stringify(found) }) };
  return new ControlFailure('blueprint-invalid', `${text === '' ? '' : `${text}: `}expected ${expected}`, {
    problems: [problem],
  });
}
