/** `manis import`: what another product's files say, as a blueprint; and what it could not carry over. */
import type { CommandDef } from 'citty';
import { stringify } from 'yaml';
import { printable } from '../../base/index.ts';
import {
  type Imported,
  importCloudflared,
  importNginx,
  importPangolin,
  type Json,
} from '../../core/blueprint/index.ts';
import { OWNER_ONLY, replaceFile } from '../../io/files.ts';
import { group, leaf } from '../command.ts';
import { settingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { say, sayAside, sayRaw } from '../terminal/output.ts';
import { includesOf } from './nginx-includes.ts';
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
      // Header fields with passwords, for one, are carried over as they are.
      await replaceFile(out, text, OWNER_ONLY);
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
