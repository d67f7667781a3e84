import { type CompiledHttp, compileHttp } from '../core/http-rules/index.ts';
import type { ResourceRecord, TargetRecord } from '../core/link/index.ts';
import { type CompiledPolicy, compile, type OrganisationPolicy } from '../core/policy/index.ts';

/**
 * A resource of the snapshot, ready for requests. The same object as long as its record and what its organisation says
 * stay the same. Policy and targets are made when the first request asks: of thousands of resources few are in use.
 */
export class PublishedResource {
  readonly record: ResourceRecord;
  readonly organisation: OrganisationPolicy | undefined;
  readonly #version: string;
  #policy: CompiledPolicy | undefined;
  #ruleNames: ReadonlyMap<string, string> | undefined;
  #targets: ReadonlyMap<string, TargetRecord> | undefined;
  #http: CompiledHttp | undefined;

  /** `version`: of the snapshot that this came with. */
  constructor(record: ResourceRecord, organisation: OrganisationPolicy | undefined, version: string) {
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

  get targets(): ReadonlyMap<string, TargetRecord> {
    this.#targets ??= new Map(this.record.targets.map((target) => [target.id, target]));
    return this.#targets;
  }
}
