/** `manis store`: its words and flags. The work is in `store.ts`, which is loaded when it is asked for. */
import type { CommandDef } from 'citty';
import { z } from 'zod';
import { group, leaf } from '../command.ts';
import { storePasswordFile, storeUrl } from '../config/programs.ts';
import { filePath, worded } from '../config/setting.ts';
import type { Environment } from '../environment.ts';

const PLACE = 'a data folder of control, or a URL such as postgres://user@host/database';
const place = (description: string) =>
  worded(z.string().min(1), { kind: 'value', hint: 'PLACE', expected: PLACE, description, isSecret: true });

const placeSettings = z.object({
  dataDir: worded(filePath.default('.manis/control'), {
    kind: 'value',
    hint: 'DIR',
    expected: 'a folder',
    description: 'Data folder of control with an embedded store (default .manis/control)',
  }),
  store: storeUrl,
  storePasswordFile,
});

const copySettings = z.object({
  from: place('Store that is read: a data folder of control, or a URL of PostgreSQL'),
  to: place('Empty store that is filled: a data folder, or a URL of PostgreSQL'),
  storePasswordFile,
});

export type PlaceSettings = z.output<typeof placeSettings>;
export type CopySettings = z.output<typeof copySettings>;

export function storeCommands(environment: Environment): CommandDef {
  return group('store', 'Back up, restore and move what control knows', {
    backup: leaf(environment, {
      name: 'backup',
      description: 'Write everything into a file that holds every key; control may be running',
      settings: placeSettings,
      positionals: ['file'],
      run: async (settings, [file = '']) => (await import('./store.ts')).runBackup(settings, file),
    }),
    restore: leaf(environment, {
      name: 'restore',
      description: 'Fill an empty store from a backup; then start control',
      settings: placeSettings,
      positionals: ['file'],
      run: async (settings, [file = '']) => (await import('./store.ts')).runRestore(settings, file),
    }),
    copy: leaf(environment, {
      name: 'copy',
      description: 'Move everything to an empty store of either kind, while control is stopped',
      settings: copySettings,
      run: async (settings) => (await import('./store.ts')).runCopy(settings),
    }),
  });
}
