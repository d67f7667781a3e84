import { type CompiledHttp, compileHttp } from '../core/http-rules/index.ts';
import type { ResourceRecord, TargetRecord } from '../core/link/index.ts';
import { type CompiledPolicy, compile, type OrganisationPolicy } from '../core/policy/index.ts';

/** What the choice of a way needs to know of a target. */
export type ChosenTarget = Pick<TargetRecord, 'id' | 'siteId' | 'overlayPort' | 'priority' | 'weight'>;

/** What resources of every kind have: who may come, and where it goes. */
export interface JudgedRecord
  extends Pick<
    ResourceRecord,
    'id' | 'organisationId' | 'name' | 'enabled' | 'policy' | 'balance' | 'auditsAll' | 'http'
  > {
  readonly targets: readonly ChosenTarget[];
}

/**
 * A resource of the snapshot, ready for requests. The same object as long as its record and what its organisation says
 * stay the same. Policy and targets are made when the first request asks: of thousands of resources few are in use.
 */
export class PublishedResource<Record extends JudgedRecord = ResourceRecord> {
  readonly record: Record;
  readonly organisation: OrganisationPolicy | undefined;
  readonly #version: string;
  #policy: CompiledPolicy | undefined;
  #ruleNames: ReadonlyMap<string, string> | undefined;
  #targets: ReadonlyMap<string, Record['targets'][number]> | undefined;
  #http: CompiledHttp | undefined;

  /** `version`: of the snapshot that this came with. */
  constructor(record: Record, organisation: OrganisationPolicy | undefined, version: string) {
    this.record = record;
    this.organisation = organisation;
    this.#version = version;
  }

  get policy(): CompiledPolicy {
    this.#policy ??= compile({
      resource: this.record.policy,
      organisation: this.organisation,
      version: this.#version,
    });
    return this.#policy;
  }

  /** What people call a rule of this resource or of its organisation. */
  ruleName(ruleId: string): string | undefined {
    this.#ruleNames ??= new Map(
      [...(this.organisation?.source?.rules ?? []), ...this.record.policy.rules].map(({ id, name }) => [id, name]),
    );
    return this.#ruleNames.get(ruleId);
  }

  /** What it does with HTTP beyond passing it on; undefined where that is nothing. */
  get http(): CompiledHttp | undefined {
    if (this.record.http) this.#http ??= compileHttp(this.record.http);
    return this.#http;
  }

  get targets(): ReadonlyMap<string, Record['targets'][number]> {
    this.#targets ??= new Map(this.record.targets.map((target) => [target.id, target]));
    return this.#targets;
  }
}
