/** `manis store`: its words and flags. The work is in `store.ts`, which is loaded when it is asked for. */
import type { CommandDef } from 'citty';
import { group, leaf } from '../command.ts';
import { copySettings, placeSettings } from '../config/store-settings.ts';
import type { Environment } from '../environment.ts';

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
