/** What a connector hands in: proved, judged by what its site may publish, and applied with the connector as its source. */
import { fromBase64 } from '../../base/index.ts';
import { isObject, type Json, type JsonObject } from '../../core/blueprint/index.ts';
import {
  type BlueprintAnswer,
  type BlueprintEnvelope,
  type BlueprintNews,
  type ConnectorBlueprint,
  readConnectorBlueprint,
} from '../../core/link/index.ts';
import { type ConnectorsTable, findConnectorBlueprint, findSite, putConnectorBlueprint } from '../../io/store/index.ts';
import { readYaml } from '../../io/yaml-document.ts';
import type { ApiContext } from '../api/api.ts';
import type { Permission } from '../permissions.ts';
import type { Principal } from '../principal.ts';
import { ControlFailure } from '../problems.ts';
import { publishingOf, type SitePublishing } from '../site-publishing.ts';
import { applyBlueprint } from './apply.ts';
import { judgedEntry } from './connector-rules.ts';
import { BLUEPRINT_MAX_CHARS, CONNECTOR_PROBLEMS_MAX, CONNECTOR_TRIES_MAX } from './constants.ts';
import type { Stored } from './part.ts';
import { partOf } from './parts.ts';
import { readPresent } from './present.ts';

/** The JSON of a row's `state`. */
export interface ConnectorBlueprintState {
  readonly outcome: BlueprintAnswer['outcome'];
  readonly text: string;
  readonly problems: readonly BlueprintNews[];
  /** Resources whose container is gone, and since when. */
  readonly goneSince: Readonly<Record<string, number>>;
}

/** What a connector may do by its site's leave; every resource is judged beside that. */
const PERMISSIONS: readonly Permission[] = [
  'site.read',
  'resource.read',
  'resource.write',
  'policy.read',
  'policy.write',
];

export async function takeFromConnector(
  context: ApiContext,
  connectorId: string,
  { payload, proof }: BlueprintEnvelope,
): Promise<BlueprintAnswer> {
  const { control } = context;
  const { database } = control.store;
  const rows = database.selectFrom('connectors').selectAll().where('id', '=', connectorId);
  const connector = await rows.executeTakeFirst();
  const key = connector && fromBase64(connector.wireguard_key);
  const told = readConnectorBlueprint(payload);
  if (!connector || !key || !control.keys.connectorProof.isBy(key, payload, proof) || told?.connectorId !== connectorId)
    return refused('this is not the word of a connector that control knows');
  const last = await findConnectorBlueprint(database, connectorId, told.kind);
  if (last && told.sequence <= last.sequence) return refused('something newer was handed in already');
  const site = await findSite(database, connector.organisation_id, connector.site_id);
  const publishing = site && publishingOf(site);
  const before = last ? (JSON.parse(last.state) as ConnectorBlueprintState) : undefined;
  const made =
    site && publishing
      ? await new Handed(context, connector, told, { siteName: site.name, publishing }).apply(before?.goneSince ?? {})
      : { ...refused('the site lets its connectors publish nothing: set publishing of the site'), goneSince: {} };
  const { againMs, ...answer } = made;
  const problems = [...told.problems, ...answer.problems].slice(0, CONNECTOR_PROBLEMS_MAX);
  const state: ConnectorBlueprintState = { ...answer, problems };
  await control.store.transaction((transaction) =>
    putConnectorBlueprint(transaction, {
      ...{ connector_id: connectorId, kind: told.kind, organisation_id: connector.organisation_id },
      ...{ site_id: connector.site_id, sequence: told.sequence, state: JSON.stringify(state) },
      updated_unix_ms: Math.round(control.clock.unixMs()),
    }),
  );
  return {
    outcome: answer.outcome,
    text: answer.text,
    problems: answer.problems,
    ...(againMs !== undefined && { againMs }),
  };
}

function refused(text: string): BlueprintAnswer {
  return { outcome: 'refused', text, problems: [] };
}

type Made = BlueprintAnswer & { readonly goneSince: Readonly<Record<string, number>> };

class Handed {
  readonly #context: ApiContext;
  readonly #connector: ConnectorsTable;
  readonly #told: ConnectorBlueprint;
  readonly #site: { readonly siteName: string; readonly publishing: SitePublishing };
  readonly #problems: BlueprintNews[] = [];

  constructor(
    context: ApiContext,
    connector: ConnectorsTable,
    told: ConnectorBlueprint,
    site: { readonly siteName: string; readonly publishing: SitePublishing },
  ) {
    this.#context = context;
    this.#connector = connector;
    this.#told = told;
    this.#site = site;
  }

  /** One resource that is refused does not stand in the way of the others. */
  async apply(goneBefore: Readonly<Record<string, number>>): Promise<Made> {
    const entries = this.#entries();
    if (!entries) return { ...this.#answer('refused', 'the document cannot be read'), goneSince: goneBefore };
    const own = await this.#own();
    const goneSince: Record<string, number> = {};
    let againMs: number | undefined;
    const nowUnixMs = this.#context.control.clock.unixMs();
    for (const stored of own.filter(({ name }) => !entries.has(name))) {
      if (this.#isKept(stored, entries)) continue;
      const since = goneBefore[stored.name] ?? nowUnixMs;
      const leftMs = this.#leftMs(since, nowUnixMs);
      if (leftMs <= 0) continue;
      goneSince[stored.name] = since;
      if (Number.isFinite(leftMs)) againMs = Math.min(againMs ?? leftMs, leftMs);
      entries.set(stored.name, emptied(stored));
    }
    const changed = await this.#applyAll(entries, own);
    const text = changed === 0 ? 'everything is as it says' : `${changed} ${changed === 1 ? 'change' : 'changes'}`;
    return {
      ...this.#answer('applied', text),
      goneSince,
      ...(againMs !== undefined && { againMs: Math.ceil(againMs) }),
    };
  }

  /** A mistake in its label takes nothing down, if what is there may still be there. */
  #isKept(stored: Stored, entries: Map<string, JsonObject>): boolean {
    if (!this.#problems.some(({ place }) => place === stored.name)) return false;
    const asItIs = judgedEntry(stored.name, partOf('resources').entryOf(stored), this.#place);
    if ('reason' in asItIs) return false;
    entries.set(stored.name, asItIs as JsonObject);
    return true;
  }

  get #place() {
    return { ...this.#site, portalHost: this.#context.control.portalHost };
  }

  #leftMs(sinceUnixMs: number, nowUnixMs: number): number {
    const { whenGone, graceMs } = this.#site.publishing;
    return whenGone === 'empty' ? Number.POSITIVE_INFINITY : sinceUnixMs + graceMs - nowUnixMs;
  }

  /** What its document says, as far as it may say so; of what it may not, what is there stays. */
  #entries(): Map<string, JsonObject> | undefined {
    const read = readYaml(this.#told.document);
    if (!read.ok || !isObject(read.json as Json)) {
      this.#note(
        'document',
        'document-malformed',
        read.ok ? 'an object was expected' : `line ${read.line}: ${read.message}`,
      );
      return undefined;
    }
    const { resources, manis: _version, ...others } = read.json as JsonObject;
    for (const key of Object.keys(others))
      if (!key.startsWith('x-'))
        this.#note(key, 'noun-not-allowed', 'a connector publishes resources, and nothing else');
    const entries = new Map<string, JsonObject>();
    for (const [name, entry] of Object.entries(isObject(resources) ? resources : {})) {
      const judged = judgedEntry(name, entry ?? null, this.#place);
      if ('reason' in judged && 'place' in judged) this.#problems.push(judged as unknown as BlueprintNews);
      else entries.set(name, judged as JsonObject);
    }
    return entries;
  }

  async #own(): Promise<Stored[]> {
    const { control } = this.#context;
    const { things } = await readPresent(control, control.store.database, this.#connector.organisation_id);
    return things.filter(({ noun, source }) => noun === 'resources' && source === this.#source);
  }

  get #source(): string {
    return `${this.#told.kind}:${this.#connector.id}`;
  }

  /** How many things changed. */
  async #applyAll(entries: Map<string, JsonObject>, own: readonly Stored[]): Promise<number> {
    for (let tries = 0; tries < CONNECTOR_TRIES_MAX; tries++) {
      const text = JSON.stringify({ manis: 1, resources: Object.fromEntries(entries) });
      if (text.length > BLUEPRINT_MAX_CHARS) {
        this.#note('document', 'document-too-long', 'it is too long once its aliases are written out');
        return 0;
      }
      try {
        const applied = await applyBlueprint(this.#context, this.#principal(), {
          ...{ text, source: this.#source, prune: true, takeOver: false, secrets: {}, dryRun: false },
        });
        return applied.steps.length;
      } catch (error) {
        if (!(error instanceof ControlFailure)) throw error;
        const names = namesIn(error, entries);
        for (const name of names) this.#leaveOut(name, entries, own, error);
        if (names.length > 0) continue;
        this.#note('document', error.code, error.message);
        return 0;
      }
    }
    this.#note('document', 'too-many-refused', 'too many resources were refused; nothing was applied');
    return 0;
  }

  #leaveOut(name: string, entries: Map<string, JsonObject>, own: readonly Stored[], error: ControlFailure): void {
    const conflicts = (error.extra['conflicts'] ?? []) as readonly { readonly name: string; readonly text: string }[];
    this.#note(name, error.code, conflicts.find((one) => one.name === name)?.text ?? error.message);
    const stored = own.find((one) => one.name === name);
    // What is there stays as it is, unless that is what cannot be.
    const asItIs = stored && (partOf('resources').entryOf(stored) as JsonObject);
    if (asItIs && JSON.stringify(entries.get(name)) !== JSON.stringify(asItIs)) entries.set(name, asItIs);
    else entries.delete(name);
  }

  #principal(): Principal {
    return {
      ...{ user: null, organisationId: this.#connector.organisation_id, permissions: new Set(PERMISSIONS) },
      ...{ isInstallationAdmin: false, resourceIds: null, reach: null, sessionId: null, methods: [] },
      ...{ authenticatedAtUnixMs: 0, name: `connector:${this.#connector.id}`, clientAddress: '' },
    };
  }

  #note(place: string, reason: string, text: string): void {
    this.#problems.push({ place: place.slice(0, 200), reason, text: text.slice(0, 500) });
  }

  #answer(outcome: BlueprintAnswer['outcome'], text: string): BlueprintAnswer {
    return { outcome, text, problems: this.#problems.slice(0, CONNECTOR_PROBLEMS_MAX) };
  }
}

/** The resource as it is, without anything behind it. */
function emptied(stored: Stored): JsonObject {
  const { targets: _targets, http: _http, ...rest } = partOf('resources').entryOf(stored) as JsonObject;
  return { ...rest, targets: [] };
}

/** The resources that a failure is about. */
function namesIn({ extra }: ControlFailure, entries: ReadonlyMap<string, JsonObject>): string[] {
  const conflicts = (extra['conflicts'] ?? []) as readonly { readonly name: string }[];
  const problems = (extra['problems'] ?? []) as readonly { readonly path: string }[];
  const found = [...entries.keys()].filter(
    (name) =>
      conflicts.some((one) => one.name === name) ||
      problems.some(({ path }) => path === `resources.${name}` || path.startsWith(`resources.${name}.`)),
  );
  return found;
}
