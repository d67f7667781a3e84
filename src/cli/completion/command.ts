/** `manis completion`: what a shell is to know. */
import type { CommandDef } from 'citty';
import { leaf } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { settingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { commandTree } from './command-tree.ts';
import { completionScript, SHELLS } from './scripts.ts';

/** @param root gives the whole tree. */
export function completionCommand(environment: Environment, root: () => CommandDef): CommandDef {
  return leaf(environment, {
    name: 'completion',
    description: 'Print what bash, zsh or fish complete commands and flags by',
    settings: settingsOf({}),
    positionals: ['shell'],
    run: async (_settings, [word]) => {
      const shell = SHELLS.find((one) => one === word);
      if (!shell) throw new UsageFailure('setting-invalid', `expected one of ${SHELLS.join(', ')}`);
      process.stdout.write(`${completionScript(shell, commandTree(root()))}\n`);
    },
  });
}
