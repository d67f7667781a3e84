/** `manis import`: what another product's files say, as a blueprint; and what it could not carry over. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { CommandDef } from 'citty';
import { stringify } from 'yaml';
import { printable } from '../../base/index.ts';
import {
  type Imported,
  type IncludeReader,
  importCloudflared,
  importNginx,
  importPangolin,
  type Json,
  type NginxFile,
} from '../../core/blueprint/index.ts';
import { replaceFile } from '../../io/files.ts';
import { group, leaf } from '../command.ts';
import { settingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { say, sayAside, sayRaw } from '../terminal/output.ts';
import { fileFlag, textFlag } from './words.ts';
import { readYaml } from './yaml-file.ts';

type Importer = (file: string, site: string) => Promise<Imported>;

export function importCommands(environment: Environment): CommandDef {
  return group('import', 'Make a blueprint of the files of another product', {
    pangolin: importCommand(environment, 'pangolin', 'A blueprint of Pangolin', async (file, site) =>
      importPangolin((await readYaml('file', file)) as Json, { site }),
    ),
    nginx: importCommand(environment, 'nginx', 'A reverse proxy of nginx, with what it includes', async (file, site) =>
      importNginx({ path: file, text: await requireText('file', file) }, { site }, includesOf(file)),
    ),
    cloudflared: importCommand(environment, 'cloudflared', 'The ingress rules of cloudflared', async (file, site) =>
      importCloudflared((await readYaml('file', file)) as Json, { site }),
    ),
  });
}

/** Needs no control: what comes of it is looked at before it is applied. */
function importCommand(environment: Environment, name: string, description: string, importer: Importer): CommandDef {
  return leaf(environment, {
    name,
    description: `${description}, as a blueprint`,
    settings: settingsOf({
      site: textFlag('NAME', 'Site of targets where the file names none (default: home)'),
      out: fileFlag('Where to write the blueprint (default: to the terminal, and what is missing to its error output)'),
    }),
    positionals: ['file'],
    run: async ({ site, out }, [file = '']) => {
      const imported = await importer(file, site ?? 'home');
      const text = blueprintText(imported, file);
      const report = reportText(imported);
      if (out === undefined) {
        sayRaw(text);
        sayAside(`${report}\n`);
        return;
      }
      await replaceFile(out, text, 0o644);
      say(`${report}\n\nWrote ${out}. Look at it, then: manis apply ${out} --dry-run`);
    },
  });
}

function blueprintText({ blueprint }: Imported, file: string): string {
  const head = `# Made of ${printable(file)}. What could not be carried over was told when it was made.\n`;
  return head + stringify(blueprint, { lineWidth: 0, aliasDuplicateObjects: false });
}

export function reportText({ blueprint, notes }: Imported): string {
  const count = Object.keys((blueprint['resources'] ?? {}) as object).length;
  const made = `${count} ${count === 1 ? 'resource' : 'resources'}.`;
  if (notes.length === 0) return `${made} Everything was carried over.`;
  const lines = notes.map(({ place, text }) => `  ${printable(place)}: ${printable(text)}`);
  return [`${made} To look at:`, '', ...new Set(lines)].join('\n');
}

/** As nginx finds them: beside the main file. */
function includesOf(main: string): IncludeReader {
  const folder = dirname(resolve(main));
  return (pattern): NginxFile[] => {
    const paths = globSync(resolve(folder, pattern)).sort();
    return paths.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  };
}
