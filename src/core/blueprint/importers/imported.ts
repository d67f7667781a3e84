/** What an importer makes: a blueprint, and every key that it could not carry over, with the reason. */
import type { Json, JsonObject } from '../json.ts';

export interface ImportNote {
  /** Where: `ingress[2].originRequest.caPool`, `site.conf:12 proxy_cache`. */
  readonly place: string;
  /** What to do, or why nothing has to be done. */
  readonly text: string;
}

export interface Imported {
  readonly blueprint: JsonObject;
  readonly notes: readonly ImportNote[];
}

export interface ImportOptions {
  /** Site of targets where the file names none. */
  readonly site: string;
}

type Mutable = Record<string, Json | undefined>;

/** Gathers resources and notes while a file is read. */
export class ImportDraft {
  readonly resources: Record<string, Mutable> = {};
  readonly credentials: Record<string, Mutable> = {};
  readonly sites = new Set<string>();
  readonly #notes: ImportNote[] = [];

  /** Gives undefined, for whoever has nothing more to say. */
  note(place: string, text: string): undefined {
    this.#notes.push({ place, text });
  }

  /** Every key that is not known, so that nothing is lost in silence. */
  noteUnknown(
    place: string,
    object: JsonObject,
    known: readonly string[],
    text = 'nothing in Manis stands for it',
  ): undefined {
    for (const key of Object.keys(object)) if (!known.includes(key)) this.note(`${place}.${key}`, text);
  }

  get notes(): readonly ImportNote[] {
    return this.#notes;
  }

  finish(): Imported {
    const blueprint = {
      manis: 1,
      ...(this.sites.size > 0 && { sites: Object.fromEntries([...this.sites].map((site) => [site, {}])) }),
      resources: this.resources,
      ...(Object.keys(this.credentials).length > 0 && { credentials: this.credentials }),
    };
    return { blueprint: JSON.parse(JSON.stringify(blueprint)) as JsonObject, notes: this.#notes };
  }
}

/** A pattern that may match anywhere, as one from `^` to `$` of the path. */
export function wholePath(regex: string): string {
  const isBegun = regex.startsWith('^');
  const isEnded = /(?<!\\)\$$/.test(regex);
  const body = regex.slice(isBegun ? 1 : 0, isEnded ? -1 : undefined);
  const grouped = body.includes('|') ? `(?:${body})` : body;
  return `^${isBegun ? '' : '.*'}${grouped}${isEnded ? '' : '.*'}$`;
}

/** A rule of a policy. */
export function rule(id: string, name: string, when: JsonObject, action: JsonObject, enabled = true): JsonObject {
  // biome-ignore lint/suspicious/noThenProperty: so is the action of a rule called
  return { id, name, ...(enabled ? {} : { enabled }), when, then: action };
}

/** What nobody may use until somebody says who may. */
export const NOBODY_YET = 'nobody may open it yet: give it a policy (docs/policy.md)';

export function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: Json | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
