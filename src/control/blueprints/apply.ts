/** Makes an organisation what a document says: all of it or nothing, each change judged and audited like one by hand. */
import { type NounName, type Plan, planOf, type Step } from '../../core/blueprint/index.ts';
import { findResource, JoinedStore, type StoreTransaction, setSource, updateResource } from '../../io/store/index.ts';
import type { ApiContext } from '../api/api.ts';
import { audit } from '../change.ts';
import type { Principal } from '../principal.ts';
import { ControlFailure } from '../problems.ts';
import { requireOwn } from '../rights.ts';
import { noHost, noPorts } from '../stream-resources.ts';
import { Calls } from './calls.ts';
import { type Document, type Entry, readDocument } from './document.ts';
import type { Stored, Wanted } from './part.ts';
import { partOf, writePermissionOf } from './parts.ts';
import { type Present, readPresent } from './present.ts';
import type { SecretReference } from './secret-reference.ts';

export interface ApplyRequest {
  readonly text: string;
  readonly source: string;
  readonly prune: boolean;
  readonly takeOver: boolean;
  /** `env:NAME` or `file:PATH` to the secret there. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Of the plan that people saw; left out: whatever is there. */
  readonly basis?: string | undefined;
  /** Says what it would do, after trying all of it. */
  readonly dryRun: boolean;
}

export interface Applied extends Plan {
  readonly basis: string;
  readonly applied: boolean;
}

/** Carries a result out of a transaction that must leave nothing behind. */
class Rehearsed extends Error {
  readonly result: Applied;

  constructor(result: Applied) {
    super('rehearsed');
    this.result = result;
  }
}

/**
 * Failures: `blueprint-invalid` with lines, `blueprint-conflict` where another source owns something, `blueprint-stale`,
 * and whatever the API says of a single change, with its line. A dry run gives conflicts as part of the plan.
 */
export async function applyBlueprint(context: ApiContext, asked: Principal, request: ApplyRequest): Promise<Applied> {
  const { control } = context;
  const document = readDocument(request.text);
  const { organisationId } = asked;
  if (organisationId === null) throw new ControlFailure('organisation-missing', 'this is about an organisation');
  let published = false;
  try {
    const applied = await control.store.transaction(async (transaction) => {
      const store = new JoinedStore(transaction, control.store.dialect);
      const later = async () => undefined;
      const joined = { ...control, store, ensureCertificates: later, hostsChanged: later };
      const work = new Work({ ...context, control: joined, asked }, transaction, organisationId, request, document);
      const result = await work.run();
      published = store.isPublishing;
      if (!result.applied) throw new Rehearsed(result);
      return result;
    });
    if (published) control.publisher.wake();
    control.links.pushRevocations();
    if (published) await control.ensureCertificates();
    return applied;
  } catch (error) {
    if (error instanceof Rehearsed) return error.result;
    throw error;
  }
}

class Work {
  readonly #context: ApiContext & { readonly asked: Principal };
  readonly #transaction: StoreTransaction;
  readonly #organisationId: string;
  readonly #request: ApplyRequest;
  readonly #document: Document;

  constructor(
    context: ApiContext & { readonly asked: Principal },
    transaction: StoreTransaction,
    organisationId: string,
    request: ApplyRequest,
    document: Document,
  ) {
    this.#context = context;
    this.#transaction = transaction;
    this.#organisationId = organisationId;
    this.#request = request;
    this.#document = document;
  }

  async run(): Promise<Applied> {
    const { basis, dryRun } = this.#request;
    const present = await readPresent(this.#context.control, this.#transaction, this.#organisationId);
    if (basis !== undefined && basis !== present.basis)
      throw new ControlFailure(
        'blueprint-stale',
        'something was changed since that plan was made; look at the new one',
      );
    const wanted = await this.#wanted(present);
    const plan = planOf(wanted, present.things, this.#request);
    this.#requireReadable(plan);
    if (plan.refusals.length > 0) {
      if (dryRun) return { ...plan, basis: present.basis, applied: false };
      throw conflict(plan);
    }
    const calls = new Calls(this.#context, present.names, (reference) => this.#secretOf(reference));
    try {
      await parkPlaces(this.#transaction, this.#organisationId, plan, present);
      for (const step of plan.steps) await this.#take(calls, step, wanted, present);
    } finally {
      await calls.close();
    }
    return { ...plan, basis: present.basis, applied: !dryRun };
  }

  /** A plan tells what is there now, so it is for those who may see it. */
  #requireReadable({ steps, refusals }: Plan): void {
    const { permissions } = this.#context.asked;
    for (const noun of new Set([...steps, ...refusals].map((one) => one.noun)))
      if (!permissions.has(partOf(noun).permission))
        throw new ControlFailure('rights-missing', `this needs the permission ${partOf(noun).permission}`);
  }

  async #wanted({ names, things }: Present): Promise<Wanted[]> {
    const stored = new Map(things.map((thing) => [`${thing.noun} ${thing.name}`, thing]));
    const { control } = this.#context;
    const asking = {
      ...{ control, queries: this.#transaction, organisationId: this.#organisationId, names },
      secretOf: (reference: SecretReference) => this.#secretOf(reference),
    };
    const found = new Map<string, Wanted>();
    for (const entry of this.#document.entries) {
      const before = (name: string): Stored | undefined => stored.get(`${entry.noun} ${name}`);
      const wanted = await this.#at(entry, () => partOf(entry.noun).wanted(entry.name, entry.given, before, asking));
      const key = `${wanted.noun} ${wanted.name}`;
      if (found.has(key)) throw this.#twice(entry, wanted);
      found.set(key, wanted);
    }
    return [...found.values()];
  }

  async #take(calls: Calls, step: Step, wanted: readonly Wanted[], { names, things }: Present): Promise<void> {
    const { noun, name } = step;
    const part = partOf(noun);
    const before = things.find((thing) => thing.noun === noun && thing.name === name);
    const after = wanted.find((thing) => thing.noun === noun && thing.name === name);
    await this.#at({ noun, name }, async () => {
      if (step.verb === 'delete') {
        if (before) await part.remove(calls, before);
        names.forget(noun, name);
      } else if (after) {
        const id = before ? await this.#change(calls, step, after, before) : await part.create(calls, after);
        names.add(noun, id, name);
        if (step.takenFrom !== undefined) await this.#takeOver(step, id);
        await this.#own(noun, id);
      }
    });
  }

  async #change(calls: Calls, { verb, noun }: Step, after: Wanted, before: Stored): Promise<string> {
    return verb === 'take-over' ? before.id : partOf(noun).update(calls, after, before);
  }

  /** Whose it is decides who may change it, so that is a change, though no call of the API is made for it. */
  async #takeOver({ noun, name, takenFrom }: Step, id: string): Promise<void> {
    const { control, asked } = this.#context;
    requireOwn(asked, [writePermissionOf(noun)]);
    const detail = { noun, name, owner: takenFrom, source: this.#request.source };
    await audit(control, this.#transaction, asked, { action: 'blueprint.take-over', subject: id, detail });
  }

  async #own(noun: NounName, id: string): Promise<void> {
    const { source } = this.#request;
    const owner = source === 'dashboard' ? null : source;
    await setSource(this.#transaction, this.#organisationId, noun, id, owner);
  }

  /** Whatever is wrong there is told with its line. */
  async #at<Value>(entry: Pick<Entry, 'noun' | 'name'>, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof ControlFailure ? this.#document.located(entry, error) : error;
    }
  }

  #twice(entry: Entry, { name }: Wanted): ControlFailure {
    const text = `a name that is there once: ${JSON.stringify(name)} is another way to write one above`;
    return this.#document.located(entry, new ControlFailure('blueprint-invalid', text));
  }

  #secretOf(reference: SecretReference): string | undefined {
    const key = 'env' in reference ? `env:${reference.env}` : `file:${reference.file}`;
    const { secrets } = this.#request;
    return Object.hasOwn(secrets, key) ? secrets[key] : undefined;
  }
}

/** Hosts and ports that change hands, so that two resources may swap theirs, and a new one has what another lets go. */
async function parkPlaces(
  transaction: StoreTransaction,
  organisationId: string,
  { steps }: Plan,
  { things }: Present,
): Promise<void> {
  for (const { verb, noun, name, changes } of steps) {
    if (verb !== 'update' || noun !== 'resources') continue;
    const stored = things.find((thing) => thing.noun === noun && thing.name === name);
    if (!stored) continue;
    const row = await findResource(transaction, organisationId, stored.id);
    const moves = (what: string) => changes.some(({ path }) => path === what || path.startsWith(`${what}.`));
    const parked = {
      ...(moves('host') && { host: noHost(stored.id) }),
      ...(row && moves('listen') && { listen: noPorts(row) }),
    };
    await updateResource(transaction, organisationId, stored.id, parked);
  }
}

function conflict({ refusals }: Plan): ControlFailure {
  const [first] = refusals;
  const more = refusals.length > 1 ? `; and ${refusals.length - 1} more` : '';
  const conflicts = refusals.map(({ noun, name, owner, text }) => ({ noun, name, owner, text }));
  return new ControlFailure('blueprint-conflict', `${first?.text ?? ''}${more}`, { conflicts });
}
