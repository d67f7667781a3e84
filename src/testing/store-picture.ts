/** What the store of a control node holds, to see that a request changed nothing. */
import { DatabaseSync } from 'node:sqlite';

/** What people have set; the rest moves by itself, too: orders, leases, mails, what is known of nodes. */
const SET_BY_PEOPLE: ReadonlySet<string> = new Set([
  ...['organisations', 'users', 'roles', 'user_roles', 'memberships', 'user_groups', 'group_members', 'group_roles'],
  ...['invitations', 'api_keys', 'api_tokens', 'identity_providers', 'audit_settings', 'request_log_settings', 'sites'],
  ...['connectors', 'devices', 'resources', 'targets', 'credentials', 'credential_resources', 'pops', 'acme_settings'],
  ...['enrolment_tokens', 'mail_settings', 'mfa_settings', 'organisation_policies', 'named_lists', 'dns_providers'],
  ...['client_authorities', 'client_authority_resources', 'own_certificates', 'webhooks', 'alert_rules'],
]);

export class StorePicture {
  readonly #database: DatabaseSync;
  #commit = -1;
  #last: ReadonlyMap<string, string> = new Map();

  constructor(dataDir: string) {
    this.#database = new DatabaseSync(`${dataDir}/control.sqlite`, { readOnly: true });
    this.changes();
  }

  /** The tables that are otherwise than at the last look. */
  changes(): string[] {
    const commit = this.#numberOf('pragma data_version', 'data_version');
    if (commit === this.#commit) return [];
    this.#commit = commit;
    const names = this.#database.prepare("select name from sqlite_master where type = 'table' order by name").all();
    const now = new Map(
      names.flatMap(({ name }) => (SET_BY_PEOPLE.has(String(name)) ? [this.#table(String(name))] : [])),
    );
    const changed = [...now].filter(([name, rows]) => this.#last.get(name) !== rows).map(([name]) => name);
    this.#last = now;
    return changed;
  }

  close(): void {
    this.#database.close();
  }

  #table(name: string): [string, string] {
    const rows = this.#database.prepare(`select * from "${name}"`).all();
    // When a token was used last is noted with each use.
    const texts = rows.map(({ last_used_unix_ms: _used, ...row }) => JSON.stringify(Object.values(row).map(String)));
    return [name, texts.sort().join('\n')];
  }

  #numberOf(query: string, column: string): number {
    return Number(this.#database.prepare(query).get()?.[column]);
  }
}
