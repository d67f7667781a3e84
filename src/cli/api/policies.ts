/** `manis policy`, `list`: who may open what, and why. */
import type { CommandDef } from 'citty';
import { stringify } from 'yaml';
import type { BodyOf } from '../../api/client.ts';
import { printable } from '../../base/index.ts';
import { CREDENTIAL_METHODS, LIST_KINDS, LOGIN_METHODS } from '../../core/policy/index.ts';
import { group, leaf } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { type SettingsOf, settingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { say } from '../terminal/output.ts';
import { formatTable } from '../terminal/table.ts';
import { admitting, type EditablePolicy } from './admit.ts';
import { RESOURCE } from './applications.ts';
import { at } from './control-api.ts';
import { explanationText } from './explanation.ts';
import { apiCommand, find, given } from './noun.ts';
import { type PolicyScope, readPolicyFile, scopeOf } from './policy-file.ts';
import type { Printed } from './printed.ts';
import { fileFlag, listFlag, requiredWordFlag, textFlag, truthFlag, wordFlag } from './words.ts';

export function policyCommands(environment: Environment): CommandDef {
  return group('policy', 'Who may open a resource', {
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show the policy of a resource, as YAML',
      positionals: ['resource'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, RESOURCE, word);
        return policyPrinted(await api.get('/resources/{id}/policy', at({ id })));
      },
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Replace the policy of a resource',
      positionals: ['resource', 'file'],
      run: async (api, _settings, [word = '', file = '']) => {
        const { id, kind } = await find(api, RESOURCE, word);
        const policy = await readPolicyFile(file, scopeOf({ kind }));
        return policySaved(await api.put('/resources/{id}/policy', { ...at({ id }), body: policy }));
      },
    }),
    check: checkCommand(environment),
    explain: explainCommand(environment),
    admit: apiCommand(environment, {
      name: 'admit',
      description:
        'Have a rule admit a kind of credential, too: share-link, pin, resource-password, service-token, header',
      positionals: ['resource', 'method'],
      shape: { rule: textFlag('ID', 'Which rule (default: the only one that asks for a sign-in)') },
      run: async (api, { rule }, [word = '', method = '']) => {
        const { id } = await find(api, RESOURCE, word);
        const saved = await api.edit('/resources/{id}/policy', at({ id }), (policy) => {
          const { rules } = admitting(policy as unknown as EditablePolicy, method, rule);
          return { rules };
        });
        return policySaved(saved);
      },
    }),
    'show-organisation': apiCommand(environment, {
      name: 'show-organisation',
      description: "Show the rules that go before every resource's own",
      run: async (api) => policyPrinted(await api.get('/organisation/policy')),
    }),
    'update-organisation': apiCommand(environment, {
      name: 'update-organisation',
      description: "Replace the rules that go before every resource's own; they can only restrict",
      positionals: ['file'],
      run: async (api, _settings, [file = '']) =>
        policySaved(await api.put('/organisation/policy', { body: await readPolicyFile(file, 'organisation') })),
    }),
  });
}

/** Needs no control: the language is known here, too. */
function checkCommand(environment: Environment): CommandDef {
  return leaf(environment, {
    name: 'check',
    description: 'Find what is wrong with a policy in a file',
    settings: settingsOf({
      scope: wordFlag(
        ['resource', 'organisation', 'stream'],
        'Whose policy it is: of HTTP (default), of all, of TCP, UDP or TLS',
      ),
    }),
    positionals: ['file'],
    run: async ({ scope }, [file = '']) => {
      const { rules } = await readPolicyFile(file, scopeNamed(scope));
      say(`${file}: ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}, nothing wrong`);
    },
  });
}

function scopeNamed(word: string | undefined): PolicyScope {
  return word === 'organisation' || word === 'stream' ? word : 'resource';
}

const QUESTION = {
  path: textFlag('PATH', 'Path and query (default: /)'),
  method: textFlag('METHOD', 'Request method (default: GET)'),
  address: textFlag('ADDRESS', "The client's address"),
  time: textFlag('TIME', 'When, such as 2026-03-02T09:00:00+01:00 (default: now)'),
  country: textFlag('CODE', 'In place of what is known of the address, such as DE'),
  agent: textFlag('TEXT', 'User-Agent of the browser'),
  user: textFlag('USER', 'A member, by id or e-mail address'),
  role: listFlag('ROLE', 'Somebody with these roles, in place of a member'),
  guest: textFlag('EMAIL', 'A guest who proved this address'),
  holder: wordFlag(CREDENTIAL_METHODS, 'Who holds such a credential'),
  login: listFlag<(typeof LOGIN_METHODS)[number]>(
    'METHOD',
    `How they signed in: ${LOGIN_METHODS.join(', ')} (default: password)`,
  ),
  mfa: truthFlag('Whether they gave a second factor'),
  device: wordFlag(['known', 'approved'], 'What their browser proved to be'),
  draft: fileFlag('A policy in place of the one that the resource has'),
};

function explainCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'explain',
    description: 'Tell what would become of a request, which rule decides, and why',
    positionals: ['resource'],
    shape: QUESTION,
    run: async (api, asked, [word = '']) => {
      const { path, method, address, time, country, agent, draft } = asked;
      const { id, kind } = await find(api, RESOURCE, word);
      const question = given({
        ...{ resourceId: id, path, method, address, time, who: whoOf(asked) },
        place: country === undefined ? undefined : { country },
        headers: agent === undefined ? undefined : { 'user-agent': agent },
        policy: draft && (await readPolicyFile(draft, scopeOf({ kind }))),
      });
      const told = await api.post('/policy/simulate', { body: question });
      return { text: explanationText(told), value: told };
    },
  });
}

type Who = NonNullable<BodyOf<'post', '/policy/simulate'>['who']>;

function whoOf({ user, role, guest, holder, login, mfa, device }: SettingsOf<typeof QUESTION>): Who | undefined {
  const named = [user, role, guest, holder].filter((word) => word !== undefined);
  if (named.length > 1) throw new UsageFailure('setting-invalid', 'say one of --user, --role, --guest and --holder');
  const proofs = given({ methods: login, mfa, device });
  if (guest !== undefined) return { kind: 'guest', email: guest };
  if (holder !== undefined) return { kind: 'holder', method: holder };
  if (user !== undefined) return { kind: 'user', user, ...proofs };
  if (role !== undefined || Object.keys(proofs).length > 0) return { kind: 'anybody', roles: role ?? [], ...proofs };
  return undefined;
}

export function listCommands(environment: Environment): CommandDef {
  return group('list', 'Lists of addresses, countries and people for policies', {
    list: apiCommand(environment, {
      name: 'list',
      description: 'List every named list',
      run: async (api) => {
        const { items } = await api.get('/lists');
        const rows = items.map(({ name, kind, entries }) => [name, kind, String(entries.length)]);
        return {
          text: ({ columns }) => formatTable(['name', 'kind', 'entries'], rows, columns),
          value: items,
        };
      },
    }),
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show the entries of a list',
      positionals: ['name'],
      run: async (api, _settings, [name = '']) => {
        const value = await api.get('/lists/{name}', at({ name }));
        return { text: value.entries.map((entry) => printable(String(entry))).join('\n'), value };
      },
    }),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add a list, or replace the one of this name',
      positionals: ['name'],
      shape: {
        kind: requiredWordFlag(LIST_KINDS, 'What it is of'),
        entry: listFlag('ENTRY', 'What is in it'),
      },
      run: async (api, { kind, entry }, [name = '']) => {
        const entries = kind === 'asns' ? entry?.map(Number) : entry;
        const value = await api.put('/lists/{name}', { ...at({ name }), body: { kind, entries } });
        return { text: `${value.name}: ${value.entries.length} ${value.kind}`, value };
      },
    }),
    remove: apiCommand(environment, {
      name: 'remove',
      description: 'Remove a list; rules that still name it admit nobody by it',
      positionals: ['name'],
      run: async (api, _settings, [name = '']) => {
        await api.remove('/lists/{name}', at({ name }));
        return { text: `Removed the list ${name}.`, value: { removed: name } };
      },
    }),
  });
}

/** A line before it that YAML passes over, so that what is printed is still a policy. */
function policySaved(policy: unknown): Printed {
  const { text, value } = policyPrinted(policy);
  return { text: `# Saved: every PoP goes by this from now on.\n${text}`, value };
}

function policyPrinted(policy: unknown): Printed {
  return { text: stringify(policy).trimEnd(), value: policy };
}
