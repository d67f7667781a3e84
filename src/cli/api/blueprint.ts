/** `manis apply`, `export`, `blueprint`: the whole organisation as one document. */
import { basename } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { CommandDef } from 'citty';
import { printable } from '../../base/index.ts';
import { NOUNS } from '../../core/blueprint/index.ts';
import { OWNER_ONLY, replaceFile } from '../../io/files.ts';
import { group } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { say } from '../terminal/output.ts';
import { styleFor } from '../terminal/style.ts';
import { formatTable } from '../terminal/table.ts';
import { ApiFailure, type ControlApi } from './control-api.ts';
import { apiCommand } from './noun.ts';
import { planText, sectionsOf, summary } from './plan-text.ts';
import type { Printed } from './printed.ts';
import { secretsOf } from './secret-references.ts';
import { fileFlag, onFlag, textFlag } from './words.ts';

interface Wish {
  readonly dryRun: boolean;
  readonly prune: boolean;
  readonly takeOver: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly source?: string | undefined;
}

export function applyCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'apply',
    description: 'Make the organisation what a file says: all, or nothing',
    positionals: ['file'],
    shape: {
      dryRun: onFlag('Say what would change, and change nothing'),
      prune: onFlag('Remove what this source owns and the file does not name any more'),
      source: textFlag('NAME', "Who owns what the file adds (default: the file's name); dashboard: nobody but people"),
      takeOver: onFlag('Own what the file names, whoever owned it before'),
      yes: onFlag('Ask nothing'),
    },
    run: (api, settings, [file = '']) => applied(api, environment, settings, file),
  });
}

async function applied(api: ControlApi, environment: Environment, wish: Wish, file: string): Promise<Printed> {
  const text = await requireText('file', file);
  const { variables, ofOthers } = environment;
  const secrets = await secretsOf(text, file, (name) => variables.get(name) ?? ofOthers[name]);
  const request = { text, source: sourceOf(wish.source, file), prune: wish.prune, takeOver: wish.takeOver, secrets };
  const plan = await inFile(file, () => api.post('/blueprint/plan', { body: request }));
  const style = styleFor(process.stdout, environment);
  const said = sectionsOf(text);
  if (wish.dryRun) {
    const failure = new ApiFailure('blueprint-conflict', 'it would be refused, and change nothing', 409);
    return { text: planText(plan, style, said), value: plan, ...(plan.refusals.length > 0 && { failure }) };
  }
  if (plan.refusals.length > 0) {
    const lines = plan.refusals.map((refusal) => refusal.text).join('\n');
    throw new ApiFailure('blueprint-conflict', `nothing was changed\n${lines}`, 409);
  }
  if (plan.steps.length === 0) return { text: `  ${summary(plan)}`, value: plan };
  if (!wish.json) say(planText(plan, style, said));
  await confirm(wish);
  const made = await inFile(file, () => api.post('/blueprint/apply', { body: { ...request, basis: plan.basis } }));
  return { text: style.good('  Applied.'), value: made };
}

/** `infra` of `deploy/infra.yaml`. */
function sourceOf(source: string | undefined, file: string): string {
  if (source === 'dashboard') return source;
  const name = source ?? basename(file).replace(/\.(ya?ml|json)$/i, '');
  return `file:${name.replace(/^file:/, '')}`;
}

async function confirm({ yes, json }: Wish): Promise<void> {
  if (yes) return;
  if (json || !process.stdin.isTTY)
    throw new UsageFailure(
      'setting-invalid',
      'nobody can be asked here: say --yes, or --dry-run to see the plan alone',
    );
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question('\n  Apply this? (yes/no) ');
  lines.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageFailure('setting-invalid', 'nothing was changed');
}

/** Mistakes with the file in front of the line, so that terminals and editors lead there. */
async function inFile<Value>(file: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiFailure) || !error.message.startsWith('line ')) throw error;
    throw new ApiFailure(error.code, error.message.replace(/^line (\d+): /gm, `${file}:$1: `), error.status);
  }
}

export function exportCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'export',
    description: 'The organisation as one document, without secrets',
    shape: { out: fileFlag('Where to write it (default: to the terminal)') },
    run: async (api, { out }) => {
      const value = await api.get('/blueprint');
      if (out === undefined) return { text: value.text.trimEnd(), value };
      // Header fields that an organisation has set may be secrets.
      await replaceFile(out, value.text, OWNER_ONLY);
      return { text: `Wrote ${out}.`, value };
    },
  });
}

export function blueprintCommands(environment: Environment): CommandDef {
  return group('blueprint', 'The organisation as one document', {
    schema: apiCommand(environment, {
      name: 'schema',
      description: 'JSON Schema of blueprints, for editors',
      run: async (api) => {
        const value = await api.get('/blueprint/schema');
        return { text: JSON.stringify(value, null, 2), value };
      },
    }),
    owned: apiCommand(environment, {
      name: 'owned',
      description: 'What files and connectors own',
      run: async (api) => {
        const { items } = await api.get('/blueprint/owned');
        const rows = items.map(({ source, noun, name }) => [source, noun, name]);
        return { text: ({ columns }) => formatTable(['owner', 'noun', 'name'], rows, columns), value: items };
      },
    }),
    connectors: apiCommand(environment, {
      name: 'connectors',
      description: 'What connectors publish by labels and files, and what was not taken of it',
      run: async (api) => {
        const { items } = await api.get('/blueprint/connectors');
        const rows = items.map(({ connectorName, siteName, kind, outcome, text }) => [
          connectorName,
          siteName,
          kind,
          outcome,
          text,
        ]);
        const problems = items.flatMap((item) =>
          item.problems.map((one) => `  ${item.connectorName}: ${one.place}: ${one.text} (${one.reason})`),
        );
        const table = (columns?: number) => formatTable(['connector', 'site', 'from', 'outcome', ''], rows, columns);
        return {
          text: ({ columns }) => [table(columns), ...problems.map(printable)].join('\n'),
          value: items,
        };
      },
    }),
    release: apiCommand(environment, {
      name: 'release',
      description: `Give a thing to the console, whoever owns it; the noun is one of ${NOUNS.join(', ')}`,
      positionals: ['noun', 'name'],
      run: async (api, _settings, [noun, name]) => {
        const { items } = await api.get('/blueprint/owned');
        const found = items.find((item) => item.noun === noun && (item.name === name || item.id === name));
        if (!found) throw new UsageFailure('setting-invalid', `nobody owns ${noun} ${name}; see manis blueprint owned`);
        await api.post('/blueprint/release', { body: { noun: found.noun, id: found.id } });
        return { text: `${printable(found.name)} is the console's now.`, value: found };
      },
    }),
  });
}
